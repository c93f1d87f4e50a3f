#!/usr/bin/env bash
# ./dev bench weights [ROUNDS]: loading a 100 MB state dict, against torch.load
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --build build --target bench_weights >/dev/null
exec .venv/bin/python bench/weights.py build "$@"
