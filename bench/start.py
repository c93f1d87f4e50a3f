"""Seconds from a new process to its result (page cache warm): `models list`, and the first prediction of ResNet-50 with its name given and without, with torchvision beside it.

`zoo_graphs` is what building and shaping every network takes within one process (`bench_start`).

usage: start.py BUILD_FOLDER IMAGE [--rounds N]; needs torchvision for the peer.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

PEER = """
import sys, torch, torchvision
from PIL import Image
weights = torchvision.models.ResNet50_Weights.IMAGENET1K_V1
model = torchvision.models.resnet50()
model.load_state_dict(torch.load(sys.argv[1]))
image = weights.transforms()(Image.open(sys.argv[2]).convert("RGB"))
with torch.no_grad():
    print(model.eval()(image[None]).softmax(1).topk(5))
"""


def once(command):
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def graphs(build):
    """`zoo_graphs` of one run of bench_start."""
    pairs = subprocess.run([os.path.join(build, "bench_start")], check=True, capture_output=True, text=True).stdout.split()
    return float(dict(pair.split("=") for pair in pairs)["zoo_graphs"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("image")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    springbok = os.path.join(options.build, "springbok")
    with tempfile.TemporaryDirectory() as folder:
        weights = os.path.join(folder, "resnet50.pth")
        subprocess.run([sys.executable, "-c", "import sys, torch, torchvision; torch.save(torchvision.models.resnet50().state_dict(), sys.argv[1])", weights], check=True)
        commands = {
            "models_names": [springbok, "models", "list", "--names"],
            "models_list": [springbok, "models", "list"],
            "first_prediction": [springbok, "predict", "--model", "resnet50", "--weights", weights, options.image],
            "bare_prediction": [springbok, "predict", "--weights", weights, options.image],  # the network is found by its tensors
            "torchvision_prediction": [sys.executable, "-c", PEER, weights, options.image],
        }
        for command in commands.values():
            once(command)
        seconds = {name: [] for name in [*commands, "zoo_graphs"]}
        for _ in range(options.rounds):
            seconds["zoo_graphs"].append(graphs(options.build))
            for name, command in commands.items():
                seconds[name].append(once(command))
    print(" ".join(f"{name}={statistics.median(values):.3f}" for name, values in seconds.items()))


main()
