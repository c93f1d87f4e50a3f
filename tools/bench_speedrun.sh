#!/usr/bin/env bash
# ./dev bench speedrun [94|95] [--seeds N --keep FILE ...]: seconds to 94 % (95 %) on Fashion-MNIST, beside PyTorch
set -euo pipefail
cd "$(dirname "$0")/.."
goal=94
[[ ${1:-} != 9[45] ]] || { goal=$1; shift; }
cmake --build build --target springbok >/dev/null
exec .venv/bin/python bench/fashion.py build --recipe "speedrun/fashion_$goal" --goal "$goal" --seeds 5 "$@"
