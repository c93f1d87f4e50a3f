#!/usr/bin/env bash
# Ranks of one machine, without any launcher: as many as asked, or as cores. One that fails ends all; none is started again.
#   ./local.sh --data DATA --out RUN --model resnet50
set -euo pipefail
exec springbok train --ranks "${RANKS:-auto}" --resume auto "$@"
