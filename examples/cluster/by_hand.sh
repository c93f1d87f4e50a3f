#!/usr/bin/env bash
# One process a machine, started by hand or by ssh: number them from 0 and give each the address of number 0.
#   on a:  RANK_OF_MINE=0 RANKS=2 URL=tcp://a:29500 ./by_hand.sh --data DATA --out RUN --model resnet50
#   on b:  RANK_OF_MINE=1 RANKS=2 URL=tcp://a:29500 ./by_hand.sh --data DATA --out RUN --model resnet50
# Machines that share a folder can meet at a new file in it instead: URL=file:///shared/meet.
set -euo pipefail
exec springbok train --dist-url "$URL" --world-size "$RANKS" --rank "$RANK_OF_MINE" --resume auto "$@"
