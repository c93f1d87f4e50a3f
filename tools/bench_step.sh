#!/usr/bin/env bash
# ./dev bench step [MODEL...] [--rounds N ...]: training steps against PyTorch eager, interleaved.
set -euo pipefail
cd "$(dirname "$0")/.."
# torchvision's networks on .venv's own torch, so that both sides run the same LibTorch: of torch 2.13.0 it is 0.28.0.
networks=.venv-torchvision
if [[ ! -e $networks/torchvision ]]; then
  echo "bench: installing torchvision in $networks (once only)"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --target "$networks" torchvision==0.28.0
fi
cmake --build build --target bench_step >/dev/null
PYTHONPATH=$networks exec .venv/bin/python -W ignore bench/step.py build "$@"
