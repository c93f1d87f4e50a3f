#!/usr/bin/env bash
# Runs clang-tidy on one source and prints its findings as one block; a source found clean is not looked at again until it,
# a header or the checks change.
set -uo pipefail
stamp=build-lint/tidy/$1.clean
if [[ -e $stamp && -z $(find "$1" .clang-tidy tests/.clang-tidy springbok tests -name '*.cpp' ! -path "$1" -prune -o \
  -newer "$stamp" -type f -print -quit) ]]; then
  exit
fi
if output=$(clang-tidy-16 --quiet --extra-arg=-Wno-unknown-warning-option --extra-arg=-fno-openmp -p build-lint "$1" 2>&1); then
  mkdir -p "$(dirname "$stamp")"
  touch "$stamp"
  echo "  $1"
else
  echo "$output" | grep -v 'generated\.$\|^Suppressed\|^Use -header-filter'
  exit 1
fi
