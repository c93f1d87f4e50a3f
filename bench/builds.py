"""Two builds of this project in turns, one process each: builds.py BUILD OTHER [--rounds N]. Prints this build's time over the
other's, medians of the rounds' ratios: training steps, the executor's cost of a node, starting, and loading images."""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

MODELS = ["resnet50", "resnext50_elastic"]
STEP = ["4", "224", "2"]  # batch, size, threads
PHOTOS = pathlib.Path("tests/image/files")


class Steps:
    """A process that makes training steps when it is asked to."""

    def __init__(self, build, model):
        self.process = subprocess.Popen([build / "bench_step", model, *STEP], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def seconds(self, count):
        print("steps", count, file=self.process.stdin, flush=True)
        return statistics.median(json.loads(self.process.stdout.readline())["seconds"])

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def in_turns(ours, other, rounds):
    """The median of the rounds' ratios; who goes first changes."""
    ratios = []
    for turn in range(rounds):
        first, second = (ours, other) if turn % 2 == 0 else (other, ours)
        times = {first: first(), second: second()}
        ratios.append(times[ours] / times[other])
    return statistics.median(ratios)


def steps(builds, model, rounds):
    running = [Steps(build, model) for build in builds]
    for one in running:
        one.seconds(2)
    ratio = in_turns(lambda: running[0].seconds(3), lambda: running[1].seconds(3), rounds)
    for one in running:
        one.close()
    return ratio


def overhead(build):
    text = subprocess.run([build / "bench_overhead"], capture_output=True, text=True, check=True,
                          env={**os.environ, "OMP_NUM_THREADS": "1"}).stdout
    return float(text.partition("a node: ")[2].partition(" us")[0])


def start(build):
    began = time.perf_counter()
    subprocess.run([build / "springbok", "models", "list"], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def make_photos(folder):
    """A set of one class, each good photograph of the tests many times."""
    target = folder / "train" / "photo"
    target.mkdir(parents=True)
    for photo in sorted(PHOTOS.glob("4*.jpg")):
        for i in range(60):
            (target / f"{photo.stem}-{i:03}.jpg").write_bytes(photo.read_bytes())
    return folder


def loading(build, folder):
    text = subprocess.run([build / "springbok", "data", "bench", folder, "--seconds", "3", "--workers", "1", "--json", "--quiet"],
                          capture_output=True, text=True, check=True).stdout
    return 1 / json.loads(text)["sources"][0]["images_per_second"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("other", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    builds = [asked.build.resolve(), asked.other.resolve()]
    for model in MODELS:
        print(f"step_{model}={steps(builds, model, asked.rounds):.3f}", flush=True)
    print(f"node={in_turns(*[lambda build=build: overhead(build) for build in builds], asked.rounds):.3f}", flush=True)
    print(f"start={in_turns(*[lambda build=build: start(build) for build in builds], asked.rounds):.3f}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        photos = make_photos(pathlib.Path(folder))
        print(f"loading={in_turns(*[lambda build=build: loading(build, photos) for build in builds], asked.rounds):.3f}", flush=True)


if __name__ == "__main__":
    main()
