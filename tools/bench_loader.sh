#!/usr/bin/env bash
# ./dev bench loader [--rounds N ...]: training images from JPEG files against Pillow and torchvision, interleaved.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/peers.sh
cmake --build build --target bench_loader >/dev/null
exec .venv-bench/bin/python bench/loader.py build build/bench-photos "$@"
