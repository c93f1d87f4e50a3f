#!/usr/bin/env bash
# ./dev bench step [MODEL...] [--rounds N ...]: training steps against PyTorch eager, interleaved.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --build build --target bench_step >/dev/null
exec .venv/bin/python bench/step.py build "$@"
