#!/usr/bin/env bash
# Runs a fuzzer of build-fuzz/ on its corpus: `fuzz.sh [NAME [SECONDS]]`; new finds stay in build-fuzz/corpus/NAME.
set -euo pipefail
cd "$(dirname "$0")/.."
if [[ $# -eq 0 ]]; then
  echo "usage: ./dev fuzz NAME [SECONDS]; there are:"
  find build-fuzz -maxdepth 2 -name 'fuzz_*' -type f -executable -printf '  %f\n' | sed 's/fuzz_//' | sort
  exit
fi
name=$1 seconds=${2:-60}
program=$(find build-fuzz -maxdepth 2 -name "fuzz_$name" -type f -executable | head -n 1)
[[ -n $program ]] || { echo "fuzz: no fuzzer '$name'; './dev fuzz' lists them" >&2; exit 2; }
finds=build-fuzz/corpus/$name
mkdir -p "$finds" "build-fuzz/crashes"
folders=("$finds")
for seeds in fuzz/corpus/"$name" tests/"$name"/files; do
  [[ -d $seeds ]] && folders+=("$seeds")
done
exec "$program" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
  -artifact_prefix="build-fuzz/crashes/$name-" "${folders[@]}"
