#!/usr/bin/env bash
# ./dev bench segment [--rounds N ...]: training steps, loading and evaluation of masks against PyTorch, interleaved.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/peers.sh
cmake --build build --target bench_step bench_loader bench_segment >/dev/null
voc=build/bench-voc
if [[ ! -d $voc ]]; then
  rm -rf "$voc.part"
  .venv-bench/bin/python bench/make_masks.py build/bench-photos/train "$voc.part"
  mv "$voc.part" "$voc"
fi
exec .venv-bench/bin/python bench/segment.py build "$voc" "$@"
