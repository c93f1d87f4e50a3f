#!/usr/bin/env bash
# Ranks under Open MPI's launcher, which starts them and passes signals on; they talk over Gloo or NCCL all the same.
#   HOSTS=gpu01:4,gpu02:4 ./mpirun.sh --data DATA --out RUN --model resnet50
set -euo pipefail
hosts=${HOSTS:-localhost:2}
first=${hosts%%[:,]*}
exec mpirun --host "$hosts" --bind-to none -x MASTER_ADDR="$first" -x MASTER_PORT="${PORT:-29500}" -x PATH \
  springbok train --resume auto "$@"
