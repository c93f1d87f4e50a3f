#!/usr/bin/env bash
# ./dev bench ddp [--rounds N ...]: two ranks against two unconnected processes and PyTorch's DDP, interleaved; saving.
set -euo pipefail
cd "$(dirname "$0")/.."
# torchvision's networks on .venv's own torch, as tools/bench_step.sh has them.
networks=.venv-torchvision
if [[ ! -e $networks/torchvision ]]; then
  echo "bench: installing torchvision in $networks (once only)"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --target "$networks" torchvision==0.28.0
fi
cmake --build build --target bench_ddp >/dev/null
PYTHONPATH=$networks exec .venv/bin/python -W ignore bench/ddp.py build "$@"
