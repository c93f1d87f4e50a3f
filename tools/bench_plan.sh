#!/usr/bin/env bash
# bench_plan.sh [BUILD] [THREADS] [PRECISION]: the memory that 'plan' tells beside the peak resident size of three steps, six networks.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build} threads=${2:-2} precision=${3:-fp32}
cmake --build "$build" --target bench_plan >&2
worst=1
summary=""
while read -r model batch size; do
  line=$(OMP_NUM_THREADS=$threads "$build/bench_plan" "$model" "$batch" "$size" "$threads" "$precision")
  echo "$line"
  ratio=$(sed 's/.*"plan_vs_measured": \([0-9.]*\).*/\1/' <<< "$line")
  summary+=" ${model//[^a-z0-9]/_}_plan_vs_measured=$ratio"
  worst=$(awk -v a="$worst" -v b="$ratio" 'BEGIN { d = b > 1 ? b : 1 / b; print d > a ? d : a }')
done << 'NETS'
resnet50 32 224
mobilenet_v2 32 224
densenet121 16 224
efficientnet_b0 16 224
resnext50_elastic 16 224
resnet20 256 32
NETS
echo "plan_worst_factor=$worst$summary"
