#!/usr/bin/env bash
# Checks layers, formatting and clang-tidy: `lint.sh` looks at the files changed since main, `lint.sh all` at every one.
set -euo pipefail
cd "$(dirname "$0")/.."
scope=${1:-changed}
[[ $scope == all || $scope == changed ]] || { echo "lint: expected 'all' or nothing, got '$scope'" >&2; exit 2; }

# C++ files under git's eye, or those that differ from where this branch left main.
list_files() {
  local base
  if [[ $scope == all ]]; then
    git ls-files -co --exclude-standard -- '*.h' '*.cpp'
    return
  fi
  base=$(git merge-base HEAD origin/main 2>/dev/null || git merge-base HEAD main 2>/dev/null || echo HEAD)
  [[ $base != "$(git rev-parse HEAD)" ]] || base=$(git rev-parse -q --verify HEAD~1 || echo HEAD)
  git diff --name-only --diff-filter=d "$base" -- '*.h' '*.cpp'
  git ls-files -o --exclude-standard -- '*.h' '*.cpp'
}

# The sources that clang-tidy must look at: the listed ones that are compiled, and one that includes each listed header.
tidy_sources() {
  local file name
  for file in "$@"; do
    if [[ $file == *.h ]]; then
      name=$(git grep -l --untracked -F "#include \"$file\"" -- '*.cpp' | sed -n 1p) || true # not head: it stops git early, an error
      [[ -n $name ]] && echo "$name"
    else
      echo "$file"
    fi
  done | sort -u | while read -r name; do
    grep -qF "$PWD/$name\"" build-lint/compile_commands.json && echo "$name" || true
  done
}

tools/check_layers
mapfile -t files < <(list_files | sort -u)
if [[ ${#files[@]} -eq 0 ]]; then
  echo "lint: no C++ file changed"
  exit
fi
clang-format-16 --dry-run -Werror "${files[@]}"
cmake --preset lint --log-level=WARNING >/dev/null
mapfile -t sources < <(tidy_sources "${files[@]}")
echo "lint: ${#files[@]} files formatted; clang-tidy on ${#sources[@]} sources"
if [[ ${#sources[@]} -gt 0 ]]; then
  printf '%s\0' "${sources[@]}" | xargs -0 -n 1 -P "$(nproc)" tools/tidy_one.sh
fi
echo "lint: all in order"
