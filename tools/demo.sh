#!/usr/bin/env bash
# The demo, all three tasks. Classes: an Elastic network and its plain twin learn Fashion-MNIST, are evaluated and compared, and
# predict; published weights name photographs. Labels and pixels: those weights learn on, on photographs composed for it.
# Ends with one line, top1=.. twin_top1=.. mAP=.. mIoU=.. train_seconds=.. (the first two) seconds=..; all is in runs/demo.
# Without cut-outs in $STAMPS (Debian's tuxpaint-stamps-default) it says so, and leaves labels and pixels out.
set -euo pipefail
began=${EPOCHREALTIME/[.,]/} # microseconds
cd "$(dirname "$0")/.."
springbok=$PWD/build/springbok
recipes=$PWD/recipes
data=idx:/usr/share/datasets/fashion-mnist
samples=$PWD/.samples
stamps=${STAMPS:-/usr/share/tuxpaint/stamps}
shown=animals/birds,animals/fish,animals/insects,animals/mammals,food/fruit,plants/flowers,vehicles,town/roadsigns

# Work beside runs/demo, which is replaced only by a demo that got to its end; names inside stay the same.
rm -rf runs/demo.new
mkdir -p runs/demo.new
cd runs/demo.new
trap '[[ $? -eq 0 ]] || echo "demo: stopped; what there is so far lies in runs/demo.new" >&2' EXIT

say() { printf '\n== %s\n' "$*"; }

# Two train at once, each on half of the cores: two small networks on one core each get further than one on two.
cores=$("$springbok" --version | sed 's/.*cores: \([0-9]*\).*/\1/')
half=$((cores > 1 ? cores / 2 : 1))
train() { # NAME RECIPE FLAGS...
  "$springbok" train --recipe "$recipes/$2.toml" --out "$1" --threads "$half" "${@:3}" 2>&1 |
    tee -i "$1.train.txt" | grep --line-buffered -vE '^(#.*|[a-z_0-9]+ = .*)?$' | sed -u "s/^/[$1] /"
}

await() { # TRAININGS...: all have ended, and well
  local code=0 training
  trap wait INT TERM # each saves what it has
  for training; do wait "$training" || code=$?; done
  trap - INT TERM
  [[ $code -eq 0 ]] || exit "$code"
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
train elastic fashion_mnist --model resnet20_elastic --data "$data" &
first=$!
train twin fashion_mnist --model resnet20 --data "$data" &
await "$first" $!
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

tasks=(elastic) results=
if [[ -d $stamps ]]; then
  say "compose photographs whose labels and pixels are known, and train on them, from weights trained on ImageNet"
  "$springbok" data compose --out composed --seed 1 --train 640 --val 96 --size 160 --stamps "$stamps" --classes "$shown" \
    --backgrounds "$samples/backgrounds" --quiet
  train labels composed_labels --model efficientnet_lite0 --init "$samples/efficientnet-lite0.pth" --allow head \
    --data coco:composed/coco --batch-size 16 --epochs 5 &
  first=$!
  train pixels composed_pixels --model efficientnet_lite0_seg --init "$samples/efficientnet-lite0.pth" --allow head,unused \
    --data voc:composed/VOCdevkit --batch-size 16 --epochs 4 &
  await "$first" $!

  say "say what six composed photographs show, and where"
  "$springbok" predict --weights labels/weights.safetensors coco:composed/coco --split val --limit 6 | tee -i labels.txt
  "$springbok" predict --weights pixels/weights.safetensors voc:composed/VOCdevkit --split val --limit 6 --out pixels.pictures |
    tee -i pixels.txt
  tasks+=(labels pixels)
  results="$(grep -o '^mAP=[0-9.]*' labels.train.txt) $(grep -o '^mIoU=[0-9.]*' pixels.train.txt) "
else
  printf '\ndemo: labels and pixels are left out: no cut-outs in %s; as root, run apt-get install tuxpaint-stamps-default\n' "$stamps" >&2
fi

say "pictures of each task"
"$springbok" report "${tasks[@]}" --out tasks.html

cd ..
rm -rf demo.previous
[[ ! -e demo ]] || mv demo demo.previous
mv demo.new demo

cat <<'TEXT'

== everything is in runs/demo; what to try next
  xdg-open runs/demo/tasks.html           # pictures of each task: classes, labels, pixels with truth, prediction and errors
  xdg-open runs/demo/report.html          # curves, recipes, the surest mistakes
  build/springbok predict --weights .samples/efficientnet-lite0.pth PHOTO.jpg  # any photograph of yours
  build/springbok weights inspect .samples/efficientnet-lite0.pth
  build/springbok eval --weights runs/demo/elastic/weights.safetensors --data /usr/share/datasets/fashion-mnist --per-class
  build/springbok train --recipe recipes/fashion_mnist.toml --model resnet32_elastic --data /usr/share/datasets/fashion-mnist --out runs/deeper
  build/springbok report runs/demo/elastic runs/deeper --out runs/deeper/report.html
TEXT
cd demo
printf '\ntop1=%s twin_top1=%s %strain_seconds=%s seconds=%s\n' "$(top1 elastic)" "$(top1 twin)" "$results" "$(seconds "$trained")" \
  "$(seconds "$(elapsed)")"
