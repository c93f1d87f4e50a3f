#!/usr/bin/env bash
# ./dev bench tasks [--seeds N ...]: labels and pixels of composed photographs: Elastic nets and twins, ImageNet's weights and new ones.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/setup.sh demo
cmake --build build --target springbok >/dev/null
exec .venv/bin/python bench/tasks.py build "$@"
