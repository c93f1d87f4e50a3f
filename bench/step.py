"""Training steps against PyTorch eager, as people run it and tuned, interleaved in one run.

usage: step.py BUILD_FOLDER [--precision fp32|bf16|fp16] [--rounds N] [--steps N] [--batch N] [--size N] [--threads N] [MODEL ...]

With a lower precision the peers run under autocast, and our own fp32 runs beside: bf16_vs_tuned, bf16_vs_fp32.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TUNED = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**31 - 1), "MALLOC_TOP_PAD_": str(64 << 20)}


class Runner:
    def __init__(self, command, env=None):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ, **(env or {})))
        self.rounds, self.peak = [], 0.0

    def run(self, steps, keep=True):
        self.process.stdin.write(f"run {steps}\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if keep:
            self.rounds.append(statistics.median(answer["seconds"]))
        self.peak = answer["peak_mb"]

    def median(self):
        return statistics.median(self.rounds)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def ratio(ours, peer):
    """The median of the rounds' ratios: both sides of one had the same machine."""
    return statistics.median(a / b for a, b in zip(ours.rounds, peer.rounds))


def measure(model, options):
    size = [str(options.batch), str(options.size), str(options.threads)]
    peer = [sys.executable, os.path.join(HERE, "peers", "step_peer.py"), model, *size]
    runners = {
        "springbok": Runner([os.path.join(options.build, "bench_step"), model, *size, options.precision]),
        "eager": Runner([*peer, "plain", options.precision]),
        "tuned": Runner([*peer, "fused", options.precision], TUNED),
    }
    if options.precision != "fp32":
        runners["fp32"] = Runner([os.path.join(options.build, "bench_step"), model, *size])
    for runner in runners.values():
        runner.run(2, keep=False)
    for done in range(options.rounds):
        for runner in runners.values():
            runner.run(options.steps)
        print(f"{model}: round {done + 1} of {options.rounds}", file=sys.stderr, flush=True)
    for name, runner in runners.items():
        print(f"{model:20} {name:10} {1000 * runner.median():8.1f} ms a step, peak {runner.peak:7.0f} MB over the start")
        runner.close()
    ours, eager, tuned = runners["springbok"], runners["eager"], runners["tuned"]
    if options.precision != "fp32":
        return {f"{options.precision}_vs_tuned": ratio(ours, tuned), f"{options.precision}_vs_fp32": ratio(ours, runners["fp32"])}
    return {"step_vs_eager": ratio(ours, eager), "step_vs_tuned": ratio(ours, tuned), "rss_vs_eager": ours.peak / eager.peak}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("models", nargs="*", default=["resnet50", "resnext50_elastic"])
    for name, value in {"rounds": 5, "steps": 3, "batch": 8, "size": 224, "threads": len(os.sched_getaffinity(0))}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--precision", choices=["fp32", "bf16", "fp16"], default="fp32")
    options = parser.parse_args()
    ratios = {model: measure(model, options) for model in options.models}
    last = [f"{model}_{key}={value:.3f}" for model, row in ratios.items() for key, value in row.items()]
    worst = {key: max(row[key] for row in ratios.values()) for key in next(iter(ratios.values()))}
    print(" ".join([f"{key}={value:.3f}" for key, value in worst.items()] + last))


main()
