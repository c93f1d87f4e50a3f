"""CPU time to load training images, against other libraries, in interleaved blocks.

usage: loader.py BUILD_FOLDER IMAGE_FOLDER (with train/CLASS/IMAGE.jpg) PACK_FOLDER [--rounds N] [--batches N]
One image: read the file (from memory: the page cache), decode, RandomResizedCrop(224), flip, normalise to float, in batches.
PACK_FOLDER holds the same images, packed; `splice` is that with libjpeg as the decoder.
Each stage stands beside its floor (bench/floors.cpp). The last line gives ratios of images per CPU second, ours / peer, higher is better; `cpu_2_vs_1`: CPU time per image with
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
    def __init__(self, *command, **environment):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, **environment})
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
    parser.add_argument("packs")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batches", type=int, default=12, help="of 50 images, in a round (default 12)")
    options = parser.parse_args()
    ours = os.path.join(options.build, "bench_loader")
    peer = os.path.join(HERE, "peers", "loader_peer.py")
    other = os.path.join(HERE, "peers", "loader_other.py")
    ffcv = os.path.join(HERE, "peers", "loader_ffcv.py")
    images = os.path.join(options.folder, "train")
    runners = {
        "files": Runner(ours, "folder:" + options.folder, "1"),
        "files, 2 threads": Runner(ours, "folder:" + options.folder, "2"),
        "packed": Runner(ours, "pack:" + options.packs, "1"),
        "packed, splice": Runner(ours, "pack:" + options.packs, "1", SPRINGBOK_JPEG="libjpeg"),
        "Pillow + torchvision": Runner(sys.executable, peer, images, "pillow"),
        "torchvision.io + v2": Runner(sys.executable, peer, images, "tvio"),
        "DALI, on the CPU": Runner(sys.executable, other, images, "dali"),
        "mlx-data": Runner(sys.executable, other, images, "mlx"),
        "OpenCV": Runner(sys.executable, other, images, "opencv"),
        "FFCV, JPEG": Runner(sys.executable, ffcv, images, "jpeg", os.path.join(options.packs, "jpeg.beton")),
        "FFCV, raw": Runner(sys.executable, ffcv, images, "raw", os.path.join(options.packs, "raw.beton")),
    }
    for runner in runners.values():
        runner.run(4, keep=False)
    for done in range(options.rounds):
        for runner in runners.values():
            runner.run(options.batches)
        print(f"round {done + 1} of {options.rounds}", file=sys.stderr, flush=True)
    print(subprocess.run([os.path.join(options.build, "bench_floors"), "folder:" + options.folder, "pack:" + options.packs],
                         check=True, stdout=subprocess.PIPE, text=True).stdout)
    one, two, packed, splice, pillow, tvio, dali, mlx, opencv, jpeg, raw = runners.values()
    for name, runner in runners.items():
        print(f"{name:22} {runner.median():6.3f} ms of CPU an image, {1000 / runner.median():6.0f} images a second and core")
        runner.close()
    ratios = {"plain_vs_pillow": ratio(pillow, one), "packed_vs_pillow": ratio(pillow, packed),
              "splice_vs_pillow": ratio(pillow, splice), "plain_vs_tvio": ratio(tvio, one),
              "packed_vs_tvio": ratio(tvio, packed), "packed_vs_ffcv": ratio(jpeg, packed),
              "packed_vs_ffcv_raw": ratio(raw, packed), "plain_vs_dali": ratio(dali, one),
              "packed_vs_dali": ratio(dali, packed), "plain_vs_mlx": ratio(mlx, one), "packed_vs_mlx": ratio(mlx, packed),
              "plain_vs_opencv": ratio(opencv, one), "packed_vs_opencv": ratio(opencv, packed),
              "cpu_2_vs_1": ratio(two, one)}
    print(*(f"{key}={value:.3f}" for key, value in ratios.items()))


main()
