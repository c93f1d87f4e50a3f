#!/usr/bin/env bash
# ./dev bench memory [MODEL BATCH SIZE]: peak memory and time of a training step with and without recomputing
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --build build --target bench_memory >/dev/null
exec build/bench_memory "$@"
