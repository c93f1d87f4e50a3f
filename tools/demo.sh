#!/usr/bin/env bash
# The demo: trains an Elastic network and its plain twin on Fashion-MNIST, evaluates and compares them, predicts images;
# and names photographs with published weights.
# Ends with one line, top1=.. twin_top1=.. train_seconds=.. (until both are trained) seconds=..; everything is in runs/demo.
set -euo pipefail
began=${EPOCHREALTIME/[.,]/} # microseconds
cd "$(dirname "$0")/.."
springbok=$PWD/build/springbok
recipe=$PWD/recipes/fashion_mnist.toml
data=idx:/usr/share/datasets/fashion-mnist
samples=$PWD/.samples

# Work beside runs/demo, which is replaced only by a demo that got to its end; names inside stay the same.
rm -rf runs/demo.new
mkdir -p runs/demo.new
cd runs/demo.new
trap '[[ $? -eq 0 ]] || echo "demo: stopped; what there is so far lies in runs/demo.new" >&2' EXIT

say() { printf '\n== %s\n' "$*"; }

# Both train at once, each on half of the cores: two small networks on one core each get further than one on two.
cores=$("$springbok" --version | sed 's/.*cores: \([0-9]*\).*/\1/')
half=$((cores > 1 ? cores / 2 : 1))
train() { # NAME MODEL
  "$springbok" train --recipe "$recipe" --model "$2" --data "$data" --out "$1" --threads "$half" 2>&1 |
    tee -i "$1.train.txt" | grep --line-buffered -vE '^(#.*|[a-z_0-9]+ = .*)?$' | sed -u "s/^/[$1] /"
}

evaluate() { # NAME
  say "evaluate $1 on the 10,000 test images"
  "$springbok" eval --weights "$1/weights.safetensors" --data "$data" --split val --predictions "$1/predictions.json" |
    tee -i "$1.eval.txt"
}

top1() { sed -n 's/.*top-1 \([0-9.]*\) %.*/\1/p' "$1.eval.txt"; }
seconds() { printf '%d.%d' $(($1 / 1000000)) $(($1 % 1000000 / 100000)); } # MICROSECONDS
elapsed() { echo $((${EPOCHREALTIME/[.,]/} - began)); }

say "train resnet20_elastic and resnet20 at once, compute threads each: $half"
train elastic resnet20_elastic &
trainings=$!
train twin resnet20 &
trainings+=" $!"
trap wait INT TERM # both save what they have
code=0
for training in $trainings; do wait "$training" || code=$?; done
[[ $code -eq 0 ]] || exit "$code"
trained=$(elapsed)
evaluate elastic
evaluate twin

say "name what photographs show, with weights trained on ImageNet"
"$springbok" predict --weights "$samples/efficientnet-lite0.pth" "$samples/photos" --topk 3 | tee -i photographs.txt
"$springbok" predict --weights "$samples/efficientnet-lite0.pth" "$samples/photos" --topk 3 --json >photographs.json 2>/dev/null

say "compare"
ln -sf elastic/predictions.json test-images.json
"$springbok" report elastic twin --out report.html --predictions photographs.json,test-images.json

say "predict six test images"
"$springbok" predict --weights elastic/weights.safetensors "$data" --split val --limit 6 --topk 3 | tee -i predict.txt

cd ..
rm -rf demo.previous
[[ ! -e demo ]] || mv demo demo.previous
mv demo.new demo

cat <<'TEXT'

== everything is in runs/demo; what to try next
  xdg-open runs/demo/report.html          # curves, recipes, the surest mistakes
  build/springbok predict --weights .samples/efficientnet-lite0.pth PHOTO.jpg  # any photograph of yours
  build/springbok weights inspect .samples/efficientnet-lite0.pth
  build/springbok eval --weights runs/demo/elastic/weights.safetensors --data /usr/share/datasets/fashion-mnist --per-class
  build/springbok train --recipe recipes/fashion_mnist.toml --model resnet32_elastic --data /usr/share/datasets/fashion-mnist --out runs/deeper
  build/springbok report runs/demo/elastic runs/deeper --out runs/deeper/report.html
TEXT
cd demo
printf '\ntop1=%s twin_top1=%s train_seconds=%s seconds=%s\n' "$(top1 elastic)" "$(top1 twin)" "$(seconds "$trained")" \
  "$(seconds "$(elapsed)")"
