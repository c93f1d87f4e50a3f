#!/usr/bin/env bash
# ./dev bench loader [--rounds N ...]: training images, from JPEG files and packed, against other libraries, interleaved.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/peers.sh
if [[ ! -e .venv-bench/loaders ]]; then
  echo "bench: installing OpenCV, mlx-data, DALI and FFCV in .venv-bench (once only)"
  apt-get install -y -qq --no-install-recommends g++ pkg-config python3-dev libopencv-dev libturbojpeg0-dev >/dev/null
  .venv-bench/bin/python -m pip install --quiet --disable-pip-version-check opencv-python-headless==5.0.0.93 \
    mlx-data==0.1.0 nvidia-dali-cuda120==2.4.0 numba tqdm
  .venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --no-deps ffcv==1.0.2
  touch .venv-bench/loaders
fi
cmake --build build --target bench_loader bench_floors springbok >/dev/null
packs=build/bench-packs
[[ -e $packs/train.pack ]] || build/springbok data pack build/bench-photos "$packs" --split train
exec .venv-bench/bin/python bench/loader.py build build/bench-photos "$packs" "$@"
