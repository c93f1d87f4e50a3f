"""Trainings on Fashion-MNIST here and in PyTorch: same network, recipe and data, a few seeds each, in turns.

usage: fashion.py BUILD_FOLDER [--recipe FILE_OR_NAME] [--model NAME] [--seeds N] [--epochs N] [--threads N] [--data FOLDER]
"""
import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TUNED = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**31 - 1), "MALLOC_TOP_PAD_": str(64 << 20)}


def ours(options, seed, out):
    """One run of springbok: the accuracy of the last epoch, as the peer has only that, and its seconds of training."""
    command = [os.path.join(options.build, "springbok"), "train", "--recipe", options.recipe, "--model", options.model, "--data", f"idx:{options.data}",
               "--out", out, "--seed", str(seed), "--threads", str(options.threads)]
    if options.epochs:
        command += ["--epochs", str(options.epochs)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(os.path.join(out, "log.jsonl")) as file:
        epochs = [line for line in map(json.loads, file) if line["kind"] == "epoch"]
    seconds = sum(line["data_s"] + line["compute_s"] for line in epochs)
    with open(os.path.join(out, "run.json")) as file:
        epochs_asked = json.load(file)["recipe"]["epochs"]
    return {"top1": epochs[-1]["val_top1"], "seconds": seconds, "images_s": epochs_asked * 60000 / seconds}


def peer(options, seed, out):
    command = [sys.executable, os.path.join(HERE, "peers", "fashion_peer.py"), os.path.join(out, "run.json"), str(seed), str(options.threads)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=dict(os.environ, **TUNED)).stdout)


def spread(values):
    """Mean, and the standard error of the mean."""
    return statistics.mean(values), statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else math.nan


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--recipe", default=os.path.join(HERE, "..", "recipes", "fashion_mnist.toml"))
    parser.add_argument("--model", default="resnet20")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=0, help="0: the recipe's")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--data", default="/usr/share/datasets/fashion-mnist")
    options = parser.parse_args()
    results = {"springbok": [], "PyTorch": []}
    folder = tempfile.mkdtemp(prefix="fashion")
    for seed in range(options.seeds):
        out = os.path.join(folder, str(seed))
        for name, runner in (("springbok", ours), ("PyTorch", peer)):
            results[name].append(runner(options, seed, out))
            last = results[name][-1]
            print(f"seed {seed} {name:10} test top-1 {last['top1']:.2f} %, {last['seconds']:.1f} s of training, {last['images_s']:.0f} images/s", flush=True)
    shutil.rmtree(folder)
    means = {name: spread([run["top1"] for run in runs]) for name, runs in results.items()}
    for name, (mean, error) in means.items():
        times = [run["seconds"] for run in results[name]]
        print(f"{options.model} {name:10} test top-1 {mean:.2f} +- {error:.2f} %, {statistics.mean(times):.1f} s +- {spread(times)[1]:.1f}")
    apart = abs(means["springbok"][0] - means["PyTorch"][0]) / math.hypot(means["springbok"][1], means["PyTorch"][1])
    quicker = statistics.median(a["seconds"] / b["seconds"] for a, b in zip(results["springbok"], results["PyTorch"]))
    print(f"fashion_top1={means['springbok'][0]:.2f} peer_top1={means['PyTorch'][0]:.2f} standard_errors_apart={apart:.2f} seconds_vs_peer={quicker:.3f}")


main()
