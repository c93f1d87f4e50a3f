"""CPU time to load training images, against PyTorch's loaders, in interleaved blocks.

usage: loader.py BUILD_FOLDER IMAGE_FOLDER (with train/CLASS/IMAGE.jpg) [--rounds N] [--batches N]
One image: read the file (from memory: the page cache), decode, RandomResizedCrop(224), flip, normalise to float, in batches.
The last line gives ratios of images per CPU second, ours / peer, higher is better; `cpu_2_vs_1`: CPU time per image with
two loading threads / with one.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


class Runner:
    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.milliseconds = []

    def run(self, batches, keep=True):
        self.process.stdin.write(f"run {batches}\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if keep:
            self.milliseconds.append(1000 * answer["cpu_seconds"] / answer["images"])

    def median(self):
        return statistics.median(self.milliseconds)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def ratio(over, under):
    """The median of the rounds' ratios: both sides of one had the same machine."""
    return statistics.median(a / b for a, b in zip(over.milliseconds, under.milliseconds))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("folder")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batches", type=int, default=12, help="of 50 images, in a round (default 12)")
    options = parser.parse_args()
    ours = os.path.join(options.build, "bench_loader")
    peer = os.path.join(HERE, "peers", "loader_peer.py")
    images = os.path.join(options.folder, "train")
    runners = {
        "springbok": Runner(ours, options.folder, "1"),
        "springbok, 2 threads": Runner(ours, options.folder, "2"),
        "Pillow + torchvision": Runner(sys.executable, peer, images, "pillow"),
        "torchvision.io + v2": Runner(sys.executable, peer, images, "tvio"),
    }
    for runner in runners.values():
        runner.run(4, keep=False)
    for done in range(options.rounds):
        for runner in runners.values():
            runner.run(options.batches)
        print(f"round {done + 1} of {options.rounds}", file=sys.stderr, flush=True)
    one, two, pillow, tvio = runners.values()
    for name, runner in runners.items():
        print(f"{name:22} {runner.median():6.3f} ms of CPU an image, {1000 / runner.median():6.0f} images a second and core")
        runner.close()
    print(f"plain_vs_pillow={ratio(pillow, one):.3f} plain_vs_tvio={ratio(tvio, one):.3f} cpu_2_vs_1={ratio(two, one):.3f}")


main()
