#!/usr/bin/env bash
# Compares every network and every function with its golden file: `golden.sh [FILES]`, else all of $SPRINGBOK_GOLDEN or ../shared/golden.
set -euo pipefail
cd "$(dirname "$0")/.."
if [[ $# -gt 0 ]]; then
  exec build/golden_check "$@"
fi
folder=${SPRINGBOK_GOLDEN:-../shared/golden}
mapfile -t files < <(find "$folder/" -name '*.json' 2>/dev/null | sort)
if [[ ${#files[@]} -eq 0 ]]; then
  echo "golden: no golden files (*.json) under $folder; set SPRINGBOK_GOLDEN to their folder" >&2
  exit 1
fi
exec build/golden_check "${files[@]}"
