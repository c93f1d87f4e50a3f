#!/usr/bin/env bash
# ./dev bench fashion [--seeds N ...]: trainings on Fashion-MNIST against PyTorch, in turns: accuracy and seconds.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --build build --target springbok >/dev/null
exec .venv/bin/python bench/fashion.py build "$@"
