"""Trainings on Fashion-MNIST here and in PyTorch: same network, recipe and data, a few seeds each, in turns.

usage: fashion.py BUILD_FOLDER [--recipe FILE_OR_NAME] [--model NAME] [--seeds N] [--epochs N] [--batch-size N] [--threads N] [--data FOLDER]
                  [--goal PERCENT] [--keep FILE [--runs N]]
Seconds are those of training alone: images read and augmented, steps; no evaluation, no start of a process. --keep writes each run into
a file, and does not run again what stands there; --runs ends after so many new ones: a measurement in parts.
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


def flipped(program, weights, data):
    """Top-1 in percent with each test image mirrored too."""
    command = [program, "eval", "--weights", weights, "--data", f"idx:{data}", "--split", "val", "--tta", "flip", "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["top1"]


def ours(options, seed, out):
    """One run of springbok: accuracies of the weights after the last step, as the peer has only those, and seconds of training."""
    program = os.path.join(options.build, "springbok")
    command = [program, "train", "--recipe", options.recipe, "--data", f"idx:{options.data}", "--out", out, "--seed", str(seed)]
    for flag, value in (("--threads", options.threads), ("--model", options.model), ("--epochs", options.epochs), ("--batch-size", options.batch_size)):
        command += [flag, str(value)] if value else []
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(os.path.join(out, "log.jsonl")) as file:
        epochs = [line for line in map(json.loads, file) if line["kind"] == "epoch"]
    seconds = sum(line["data_s"] + line["compute_s"] for line in epochs)
    images = sum(line["images_s"] * (line["data_s"] + line["compute_s"]) for line in epochs)
    last = max(name for name in os.listdir(os.path.join(out, "checkpoints")) if name.endswith(".pt"))
    with open(os.path.join(out, "run.json")) as file:
        recipe = json.load(file)["recipe"]
    return {"top1": epochs[-1]["val_top1"], "flip_top1": flipped(program, os.path.join(out, "checkpoints", last), options.data),
            "seconds": seconds, "images_s": images / seconds, "recipe": recipe}


def peer(options, seed, out, recipe):
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "run.json"), "w") as file:
        json.dump({"recipe": recipe}, file)
    command = [sys.executable, os.path.join(HERE, "peers", "fashion_peer.py"), os.path.join(out, "run.json"), str(seed), str(options.threads)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=dict(os.environ, **TUNED)).stdout)


def kept(options):
    """The runs of an earlier measurement: {(what, side, seed): result}."""
    if not options.keep or not os.path.exists(options.keep):
        return {}
    with open(options.keep) as file:
        return {(run["what"], run["side"], run["seed"]): run for run in map(json.loads, file)}


def runs_of(options):
    """Results of each side, seed by seed; each is printed, and kept, as it comes."""
    what = " ".join(str(word) for word in (options.recipe, options.model, options.epochs, options.batch_size) if word)
    known, results, folder = kept(options), {"springbok": [], "PyTorch": []}, tempfile.mkdtemp(prefix="fashion")
    left = options.runs
    for seed in range(options.seeds):
        out = os.path.join(folder, str(seed))
        for side, runs in results.items():
            run = known.get((what, side, seed))
            if run is None and left == 0:
                break
            if run is None:
                left -= 1
                made = ours(options, seed, out) if side == "springbok" else peer(options, seed, out, results["springbok"][-1]["recipe"])
                run = {"what": what, "side": side, "seed": seed, **made}
                if options.keep:
                    with open(options.keep, "a") as file:
                        file.write(json.dumps(run) + "\n")
            runs.append(run)
            print(f"seed {seed} {side:10} test top-1 {run['top1']:.2f} %, mirrored too {run['flip_top1']:.2f} %; {run['seconds']:.1f} s of training, "
                  f"{run['images_s']:.0f} images/s", flush=True)
    shutil.rmtree(folder)
    return results


def spread(runs, key):
    """Mean and standard deviation."""
    values = [run[key] for run in runs]
    return statistics.mean(values), statistics.stdev(values) if len(values) > 1 else math.nan


def summary(options, results):
    """Both sides' means, of the runs that there are, and how far they lie apart."""
    for side, runs in results.items():
        if not runs:
            return
        shown = {key: "{:.2f} +- {:.2f}".format(*spread(runs, key)) for key in ("top1", "flip_top1", "seconds", "images_s")}
        print(f"{side:10} top-1 {shown['top1']} %, mirrored too {shown['flip_top1']} %; {shown['seconds']} s, {shown['images_s']} images/s "
              f"(mean +- standard deviation of {len(runs)})")
    mine, theirs = results["springbok"], results["PyTorch"]
    (mean, deviation), (peer_mean, peer_deviation) = spread(mine, "top1"), spread(theirs, "top1")
    apart = abs(mean - peer_mean) / math.hypot(deviation / math.sqrt(len(mine)), peer_deviation / math.sqrt(len(theirs)))
    quicker = statistics.median(a["seconds"] / b["seconds"] for a, b in zip(mine, theirs))
    reached = "" if not options.goal else f"goal={options.goal:g} reached={int(spread(mine, 'flip_top1')[0] >= options.goal)} "
    print(f"{reached}top1={mean:.2f} peer_top1={peer_mean:.2f} standard_errors_apart={apart:.2f} seconds={spread(mine, 'seconds')[0]:.1f} "
          f"seconds_vs_peer={quicker:.3f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--recipe", default="fashion_mnist")
    parser.add_argument("--model", default="", help="that of the recipe when left out")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=0, help="0: the recipe's")
    parser.add_argument("--batch-size", type=int, default=0, help="0: the recipe's")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--data", default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--goal", type=float, default=0, help="mean top-1 in percent, mirrored too, that the seeds are to reach")
    parser.add_argument("--keep", default="")
    parser.add_argument("--runs", type=int, default=-1, help="new runs, at most; -1: all")
    options = parser.parse_args()
    summary(options, runs_of(options))


main()
