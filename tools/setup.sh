#!/usr/bin/env bash
# Installs what is missing: system packages, .venv with LibTorch, .samples with real weights and photographs. `setup.sh [--say] [demo] [test] [lint] [fuzz]`
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(build-essential ccache cmake dataset-fashion-mnist git libbenchmark-dev libcli11-dev libcurl4-openssl-dev libfmt-dev libgtest-dev
  libgif-dev libhwy-dev libjpeg62-turbo-dev liblmdb-dev libpng-dev libprotozero-dev libssl-dev libtiff-dev libtomlplusplus-dev libwebp-dev
  ninja-build nlohmann-json3-dev pkg-config python3-venv rapidjson-dev zlib1g-dev)
say=false
for argument in "$@"; do
  case $argument in
    --say) say=true ;;
    demo) packages+=(tuxpaint-stamps-default) ;;
    test) packages+=(chromium iproute2) ;;
    lint) packages+=(clang-format-16 clang-tidy-16 python3) ;;
    fuzz) packages+=(clang-16 libclang-rt-16-dev) ;;
    *) echo "setup: unknown argument '$argument'" >&2; exit 2 ;;
  esac
done

missing_packages() {
  comm -13 <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null | sed -n 's/^installed //p' | sort) \
    <(printf '%s\n' "${packages[@]}" | sort)
}

install_packages() {
  local missing as_root=()
  if ! command -v apt-get >/dev/null; then
    $say && echo "setup: no apt-get here; make sure that these are installed: ${packages[*]}"
    return
  fi
  mapfile -t missing < <(missing_packages)
  [[ ${#missing[@]} -gt 0 ]] || return 0
  if [[ $(id -u) -ne 0 ]]; then
    if command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
      as_root=(sudo)
    else
      echo "setup: system packages are missing; as root, run" >&2
      echo "  apt-get update && apt-get install --no-install-recommends ${missing[*]}" >&2
      exit 1
    fi
  fi
  echo "setup: installing ${#missing[@]} system packages: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq || echo "setup: apt-get update failed; trying with the lists at hand" >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "${missing[@]}"
}

# Prints the requirements that .venv must hold; torch only if no LibTorch was given.
requirements() {
  local prefix
  IFS=':;' read -ra prefixes <<<"${CMAKE_PREFIX_PATH:-}"
  for prefix in "${prefixes[@]}"; do
    if [[ -e $prefix/include/ATen/ATen.h || -e $prefix/../../include/ATen/ATen.h ]]; then
      grep -v '^torch' tools/requirements.txt
      return
    fi
  done
  cat tools/requirements.txt
}

install_venv() {
  local stamp=.venv/springbok-requirements.txt python=/usr/bin/python3
  if [[ -e $stamp ]] && requirements | cmp -s - "$stamp"; then
    return
  fi
  [[ -x $python ]] || python=python3
  .venv/bin/python -c 'import pip' 2>/dev/null || "$python" -m venv --clear .venv
  echo "setup: installing $(requirements | tr '\n' ' ')in .venv (torch is large; once only)"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check -r <(requirements)
  requirements >"$stamp"
}

# Real weights and photographs for the tests and the demo.
fetch_samples() {
  cmp -s tools/samples.txt .samples/samples.txt && [[ -d .samples/backgrounds ]] && return
  echo "setup: fetching $(tr '\n' ' ' <tools/samples.txt)to .samples (80 MB; once only)"
  .venv/bin/python tools/samples.py .samples
}

install_packages
install_venv
fetch_samples
if $say; then
  echo "setup: everything is in place"
fi
