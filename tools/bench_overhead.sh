#!/usr/bin/env bash
# ./dev bench overhead: what the executor costs a node, over the same ATen calls by hand
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --build build --target bench_overhead >/dev/null
OMP_NUM_THREADS=1 exec build/bench_overhead
