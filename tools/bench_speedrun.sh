#!/usr/bin/env bash
# ./dev bench speedrun [--seeds N --keep FILE --runs N ...]: seconds to 94 % on Fashion-MNIST, beside PyTorch
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --build build --target springbok >/dev/null
exec .venv/bin/python bench/fashion.py build --recipe speedrun/fashion_94 --goal 94 --seeds 5 "$@"
