#!/usr/bin/env bash
# ./dev bench coco [ROUNDS] [MEGABYTES]: reading COCO's annotations, against pycocotools; time and memory
set -euo pipefail
cd "$(dirname "$0")/.."
tools/peers.sh
cmake --build build --target bench_coco >/dev/null
exec .venv-bench/bin/python bench/coco.py build "$@"
