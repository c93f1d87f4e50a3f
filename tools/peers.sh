#!/usr/bin/env bash
# Installs what the benchmarks compare with, in .venv-bench, and makes their photographs, in build/bench-photos: once only.
set -euo pipefail
cd "$(dirname "$0")/.."
photos=build/bench-photos
if [[ ! -e .venv-bench/ready-2 ]]; then
  echo "bench: installing torch, torchvision, scikit-image, scikit-learn and pycocotools in .venv-bench (once only)"
  [[ -x .venv-bench/bin/pip ]] || python3 -m venv .venv-bench
  .venv-bench/bin/python -m pip install --quiet --disable-pip-version-check torch==2.14.1 torchvision==0.29.1 \
    pillow==13.0.0 scikit-image scikit-learn pycocotools
  touch .venv-bench/ready-2
fi
if [[ ! -d $photos ]]; then
  [[ -d /usr/share/tuxpaint/stamps ]] || apt-get install -y -qq --no-install-recommends tuxpaint-stamps-default
  .venv-bench/bin/python bench/make_photos.py "$photos.part/train"
  mv "$photos.part" "$photos"
fi
