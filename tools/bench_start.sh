#!/usr/bin/env bash
# ./dev bench start [--rounds N]: every graph of the zoo; from a new process to `models list` and to the first prediction, torchvision beside it
set -euo pipefail
cd "$(dirname "$0")/.."
tools/peers.sh
image=$(find build/bench-photos -name '*.jpg' | sort | head -n 1)
exec .venv-bench/bin/python bench/start.py build "$image" "$@"
