"""Segmentation against PyTorch: training steps, loading, evaluation, each interleaved in one run.

usage: segment.py BUILD_FOLDER VOC_FOLDER [--rounds N] [--steps N] [--images N] [--skip NAME ...]

Steps of 257 x 257, batch 4, against eager with malloc tuned (channels-last, fused SGD). Loading: decode, scale 0.5 to
2, flip, crop 257, mask, against torchvision's v2 transforms on Pillow images, in CPU time. Evaluation of images at
their own size with the metrics included.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TUNED = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**31 - 1), "MALLOC_TOP_PAD_": str(64 << 20)}
TRAINED = ["resnext50_elastic_seg", "deeplabv3_resnet50"]
EVALUATED = ["resnext50_elastic_seg", "deeplabv3_mobilenet_v3_large"]


class Runner:
    def __init__(self, command, env=None):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=dict(os.environ, **(env or {})))
        self.values, self.peak = [], 0.0

    def run(self, count, keep=True):
        self.process.stdin.write(f"run {count}\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if isinstance(answer.get("seconds"), list):
            value, self.peak = statistics.median(answer["seconds"]), answer["peak_mb"]
        else:
            value = answer.get("seconds", answer.get("cpu_seconds")) / answer["images"]
        if keep:
            self.values.append(value)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def interleaved(title, ours, peer, count, rounds, warm):
    """Both sides in turn; returns the median of the rounds' ratios ours / peer, and that of the peaks."""
    for runner in (ours, peer):
        runner.run(warm, keep=False)
    for _ in range(rounds):
        for runner in (ours, peer):
            runner.run(count)
    for name, runner in (("springbok", ours), ("PyTorch", peer)):
        peak = f", peak {runner.peak:.0f} MB over the start" if runner.peak else ""
        print(f"{title:40} {name:10} {1000 * statistics.median(runner.values):9.1f} ms{peak}", flush=True)
        runner.close()
    return statistics.median(a / b for a, b in zip(ours.values, peer.values)), ours.peak / max(peer.peak, 1e-9)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("voc")
    for name, value in {"rounds": 5, "steps": 2, "images": 40, "threads": len(os.sched_getaffinity(0))}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--skip", nargs="*", default=[], choices=["step", "load", "eval"])
    options = parser.parse_args()
    program = lambda name: os.path.join(options.build, name)
    peer = lambda name, *words: [sys.executable, os.path.join(HERE, "peers", name), *words]
    threads, last = str(options.threads), {}
    if "step" not in options.skip:
        for model in TRAINED:
            size = ["4", "257", threads]
            ours = Runner([program("bench_step"), model, *size])
            theirs = Runner(peer("step_peer.py", model, *size, "fused"), TUNED)
            last[f"{model}_step_vs_tuned"], last[f"{model}_rss_vs_tuned"] = interleaved(
                f"step of {model}", ours, theirs, options.steps, options.rounds, 2)
        for key in ("step_vs_tuned", "rss_vs_tuned"):
            last[f"seg_{key}"] = max(last[f"{model}_{key}"] for model in TRAINED)
    if "load" not in options.skip:
        ours = Runner([program("bench_loader"), "voc:" + options.voc, "1"])
        last["joint_vs_v2"] = 1 / interleaved("an image and its mask, loaded", ours, Runner(peer("segment_peer.py", "load", options.voc)), 6, options.rounds, 2)[0]
    if "eval" not in options.skip:
        for model in EVALUATED:
            ours = Runner([program("bench_segment"), model, "voc:" + options.voc, threads])
            theirs = Runner(peer("segment_peer.py", "eval", model, options.voc, threads), TUNED)
            last[f"{model}_eval_vs_torch"] = 1 / interleaved(f"evaluation with {model}, an image", ours, theirs, options.images, options.rounds, 4)[0]
        last["seg_eval_vs_torch"] = min(last[f"{model}_eval_vs_torch"] for model in EVALUATED)
    print(*(f"{key}={value:.3f}" for key, value in last.items()))


main()
