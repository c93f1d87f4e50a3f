#!/usr/bin/env bash
# ./dev bench layout: an evaluation with weights as engine::allocate lays them out, over row-major ones
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --build build --target bench_layout >/dev/null
exec build/bench_layout "$@"
