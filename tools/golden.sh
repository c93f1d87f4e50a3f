#!/usr/bin/env bash
# Compares every model with its golden file: `golden.sh [FILES]`, else all of $SPRINGBOK_GOLDEN or ../shared/golden.
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
# Those of functions (losses, augmentations, ...) are not golden_check's, which compares networks.
mapfile -t networks < <(grep -l '"factory"' "${files[@]}")
others=$((${#files[@]} - ${#networks[@]}))
if ((others > 0)); then
  echo "golden: $others of ${#files[@]} files are not of networks and are left out"
fi
exec build/golden_check "${networks[@]}"
