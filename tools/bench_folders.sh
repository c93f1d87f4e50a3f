#!/usr/bin/env bash
# ./dev bench folders [ROUNDS]: opening 1.3 million images in 1,000 folders for the first and the second time, beside `find`
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --build build --target bench_folders >/dev/null
rounds=${1:-5}
root=$(mktemp -d build/bench-folders-XXXXXX)
trap 'rm -rf "$root"' EXIT
export SPRINGBOK_CACHE=$root/cache
unset SPRINGBOK_RESCAN
echo "making 1.3 million empty files in $root"
build/bench_folders make "$root/data"
find "$root/data" >/dev/null # both sides find the folders in memory
sleep 2.1                    # folders younger than that are not trusted

for ((round = 1; round <= rounds; ++round)); do
  began=$(date +%s.%N)
  find "$root/data" >/dev/null
  ended=$(date +%s.%N)
  rm -rf "$SPRINGBOK_CACHE"
  first=$(build/bench_folders open "$root/data")
  second=$(build/bench_folders open "$root/data")
  echo "first look $first; second open $second"
  echo "$began $ended ${first%% *} ${second%% *}" >>"$root/times"
done
python3 - "$root/times" "$SPRINGBOK_CACHE" <<'PYTHON'
import pathlib, statistics, sys
rows = [[float(word) for word in line.split()] for line in open(sys.argv[1])]
median = lambda values: statistics.median(list(values))
index = sum(file.stat().st_size for file in pathlib.Path(sys.argv[2]).rglob("*.index"))
print(f"first_vs_find={median(f / (e - b) for b, e, f, s in rows):.3f} find_seconds={median(e - b for b, e, f, s in rows):.3f} "
      f"first_look_seconds={median(f for b, e, f, s in rows):.3f} second_open_seconds={median(s for b, e, f, s in rows):.3f} "
      f"index_bytes={index}")
PYTHON
