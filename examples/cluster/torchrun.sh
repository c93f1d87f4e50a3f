#!/usr/bin/env bash
# Several machines under torchrun (pip install torch): type the same on each. A rank that dies ends all; then all start again and go on
# from the last checkpoint, three times at most.
#   HOST=gpu01 NODES=2 RANKS=4 ./torchrun.sh --data DATA --out RUN --model resnet50
set -euo pipefail
exec torchrun --nnodes "${NODES:-1}" --nproc-per-node "${RANKS:-2}" --rdzv-backend c10d --rdzv-endpoint "${HOST:-localhost}:${PORT:-29400}" \
  --max-restarts "${RESTARTS:-3}" --no-python springbok train --resume auto "$@"
