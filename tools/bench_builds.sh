#!/usr/bin/env bash
# ./dev bench builds OTHER_BUILD [--rounds N]: this build beside another one of this project, such as of the release before
set -euo pipefail
cd "$(dirname "$0")/.."
[[ $# -gt 0 ]] || { echo "usage: ./dev bench builds OTHER_BUILD [--rounds N]" >&2; exit 2; }
cmake --build build --target springbok bench_step bench_overhead >/dev/null
exec .venv/bin/python bench/builds.py build "$@"
