"""Trainings on composed photographs, labels and pixels: small Elastic nets beside their twins, and weights of ImageNet beside new ones.

usage: tasks.py BUILD_FOLDER [--seeds N] [--only PART ...] [--keep FILE [--runs N]]
A part trains two nets, which differ in one thing, at once: each on half of the cores, from the same seed, on the same images. Numbers
are those of the last epoch: none is chosen. --keep writes each run into a file, and does not run again what stands there; --runs ends
after so many new ones: a measurement in parts.
"""
import argparse
import concurrent.futures
import itertools
import json
import math
import os
import pathlib
import statistics
import subprocess
import tempfile

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[1]
IMAGENET = ["--init", ROOT / ".samples/efficientnet-lite0.pth", "--allow"]
COMPOSED = "--seed 1 --train 1200 --val 400 --size 128".split()
SMALL, TUNED = "--size 96 --epochs 12".split(), "--size 96 --epochs 3".split()
WHAT = " ".join(COMPOSED + SMALL + TUNED)
# part: what is trained on, recipe, metric; both nets: name, model, further flags.
PARTS = {
    "labels": ("coco:{}/coco", "composed_labels", "mAP", (
        ("Elastic", "resnext_small_elastic", SMALL), ("twin", "resnext_small", SMALL))),
    "pixels": ("voc:{}/VOCdevkit", "composed_pixels", "mIoU", (
        ("Elastic", "resnext_small_elastic_seg", SMALL), ("twin", "resnext_small_seg", SMALL))),
    "tuned_labels": ("coco:{}/coco", "composed_labels", "mAP", (
        ("ImageNet", "efficientnet_lite0", [*TUNED, *IMAGENET, "head"]), ("scratch", "efficientnet_lite0", TUNED))),
    "tuned_pixels": ("voc:{}/VOCdevkit", "composed_pixels", "mIoU", (
        ("ImageNet", "efficientnet_lite0_seg", [*TUNED, *IMAGENET, "head,unused"]), ("scratch", "efficientnet_lite0_seg", TUNED))),
}


def chance_of_labels(data):
    """The mAP of scores without meaning: the share of images that show a class, in the mean over classes."""
    instances = json.loads((data / "coco/annotations/instances_val2014.json").read_text())
    shown = {(each["image_id"], each["category_id"]) for each in instances["annotations"]}
    return 100 * len(shown) / len(instances["images"]) / len(instances["categories"])


def chance_of_pixels(data):
    """The mIoU of calling every pixel background."""
    voc = data / "VOCdevkit/VOC2012"
    background, counted, classes = 0, 0, set()
    for line in (voc / "list/val.txt").read_text().splitlines():
        mask = np.array(Image.open(voc / line.split()[1].lstrip("/")))
        background += int((mask == 0).sum())
        counted += int((mask != 255).sum())
        classes |= set(np.unique(mask).tolist()) - {255}
    return 100 * background / counted / len(classes)


def train(options, data, part, net, seed):
    """One run's numbers, read from its folder."""
    source, recipe, metric, nets = PARTS[part]
    model, flags = next((model, flags) for name, model, flags in nets if name == net)
    with tempfile.TemporaryDirectory(prefix="tasks") as folder:
        command = [options.springbok, "train", "--recipe", ROOT / f"recipes/{recipe}.toml", "--model", model, "--data", source.format(data),
                   "--out", f"{folder}/run", "--seed", seed, "--threads", max(1, len(os.sched_getaffinity(0)) // 2), "--quiet", *flags]
        subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
        lines = map(json.loads, pathlib.Path(folder, "run/log.jsonl").read_text().splitlines())
    epochs = [line for line in lines if line["kind"] == "epoch"]
    return {"what": WHAT, "part": part, "net": net, "seed": seed, "model": model, "metric": metric, "value": epochs[-1][f"val_{metric}"],
            "epochs": len(epochs), "seconds": sum(line["data_s"] + line["compute_s"] for line in epochs)}


def kept(options):
    """The runs of an earlier measurement of the same kind: {(part, net, seed): run}."""
    if not options.keep or not os.path.exists(options.keep):
        return {}
    with open(options.keep) as file:
        return {(run["part"], run["net"], run["seed"]): run for run in map(json.loads, file) if run["what"] == WHAT}


def add(options, runs, run, chances):
    """Takes down a run that has ended."""
    runs[run["part"], run["net"], run["seed"]] = run
    if options.keep:
        with open(options.keep, "a") as file:
            file.write(json.dumps(run) + "\n")
    print(f"{run['part']}, seed {run['seed']}: {run['net']:8} {run['metric']} {run['value']:.2f} % (chance {chances[run['metric']]:.1f}), "
          f"{run['seconds']:.0f} s of training", flush=True)


def runs_of(options, data, chances):
    """All runs asked for, pair by pair: what is kept, and what is made now."""
    runs, left = kept(options), options.runs
    for seed, part in itertools.product(range(options.seeds), options.only):
        missing = [net for net, _, _ in PARTS[part][3] if (part, net, seed) not in runs][:None if left < 0 else left]
        left -= len(missing)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for run in concurrent.futures.as_completed([pool.submit(train, options, data, part, net, seed) for net in missing]):
                add(options, runs, run.result(), chances)
    return runs


def table(part, runs, chances):
    """Both nets of a part, and each seed's difference."""
    _, recipe, metric, nets = PARTS[part]
    print(f"\n{part}: {metric} in percent after the last epoch of {recipe}; by chance {chances[metric]:.1f}")
    print("| | network | epochs | seconds | seeds | mean | deviation |\n| --- | --- | --- | --- | --- | --- | --- |")
    seeds = [{seed: run["value"] for (of, name, seed), run in sorted(runs.items()) if (of, name) == (part, net)} for net, _, _ in nets]
    for (net, model, _), values in zip(nets, seeds):
        of_net = [run for (of, name, _), run in runs.items() if (of, name) == (part, net)]
        if not of_net:
            continue
        deviation = statistics.stdev(values.values()) if len(values) > 1 else math.nan
        print(f"| {net} | `{model}` | {of_net[0]['epochs']} | {statistics.mean(run['seconds'] for run in of_net):.0f} | "
              f"{', '.join(f'{value:.2f}' for value in values.values())} | {statistics.mean(values.values()):.2f} | {deviation:.2f} |")
    differences = [seeds[0][seed] - seeds[1][seed] for seed in seeds[0] if seed in seeds[1]]
    if differences:
        print(f"{nets[0][0]} less {nets[1][0]}, seed by seed: {', '.join(f'{each:+.2f}' for each in differences)}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS))
    parser.add_argument("--keep", default="")
    parser.add_argument("--runs", type=int, default=-1, help="new runs, at most; -1: all")
    options = parser.parse_args()
    options.springbok = options.build.resolve() / "springbok"
    with tempfile.TemporaryDirectory(prefix="composed") as folder:
        data = pathlib.Path(folder, "data")
        subprocess.run([options.springbok, "data", "compose", "--out", data, "--backgrounds", ROOT / ".samples/backgrounds", "--quiet", *COMPOSED],
                       check=True)
        chances = {"mAP": chance_of_labels(data), "mIoU": chance_of_pixels(data)}
        runs = runs_of(options, data, chances)
    means = {}
    for part in options.only:
        table(part, runs, chances)
        for (of, net, _), run in runs.items():
            if of == part:
                means.setdefault(f"{part}_{net.lower()}", []).append(run["value"])
    print("\n" + " ".join(f"{key}={statistics.mean(values):.2f}" for key, values in means.items()) +
          "".join(f" chance_{metric}={chance:.2f}" for metric, chance in chances.items()))


main()
