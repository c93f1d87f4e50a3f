"""Two ranks that train together against two processes that know nothing of each other, and against PyTorch's DDP, interleaved.

usage: ddp.py BUILD_FOLDER [--model NAME] [--rounds N] [--steps N] [--batch N] [--size N] [--ranks N] [--saves N]

Each rank has one thread and a batch of its own. In each round every pair makes its steps while the others wait.
"""
import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TUNED = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**31 - 1), "MALLOC_TOP_PAD_": str(64 << 20)}
BUCKET = 8 << 20  # train/gradient_sums.h


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Team:
    """Processes of one command: ranks that are connected, or not."""

    def __init__(self, command, count, connected, tuned=False):
        self.processes, self.rounds = [], []
        shared = {"WORLD_SIZE": str(count), "LOCAL_WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()),
                  "GLOO_SOCKET_IFNAME": "lo"}
        for rank in range(count):
            own = {"RANK": str(rank), "LOCAL_RANK": str(rank), **shared} if connected else {}
            env = dict(os.environ, OMP_NUM_THREADS="1", **own, **(TUNED if tuned else {}))
            self.processes.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env))

    def ask(self, line, only=None):
        """Each process's answer; they work at the same time."""
        asked = self.processes[:only]
        for process in asked:
            process.stdin.write(line + "\n")
            process.stdin.flush()
        answers = [process.stdout.readline() for process in asked]
        if not all(answers):
            sys.exit("ddp: a process ended: " + " ".join(self.processes[0].args))
        return [json.loads(answer) for answer in answers]

    def run(self, steps, only=None):
        """Seconds a step: the mean of the processes' medians."""
        answers = self.ask(f"run {steps}", only)
        return statistics.mean(statistics.median(answer["seconds"]) for answer in answers), answers

    def close(self):
        for process in self.processes:
            process.stdin.close()
        for process in self.processes:
            process.wait()


def teams_of(options):
    size = [options.model, str(options.batch), str(options.size), "1"]
    ours = [os.path.join(options.build, "bench_ddp"), *size]
    peer = [sys.executable, "-W", "ignore", os.path.join(HERE, "peers", "ddp_peer.py"), *size]
    return {"ranks": Team(ours, options.ranks, True), "unconnected": Team(ours, options.ranks, False),
            "torch": Team(peer, options.ranks, True, True), "torch_unconnected": Team(peer, options.ranks, False, True)}


def measure(options):
    """Seconds a step of each, round by round, and what the ranks sent in the last round."""
    teams = teams_of(options)
    seconds = {name: [] for name in [*teams, "one"]}
    for team in teams.values():
        team.run(2)
    for done in range(options.rounds):
        for name, team in teams.items():
            took, answers = team.run(options.steps)
            seconds[name].append(took)
            if name == "ranks":
                sent = answers
        seconds["one"].append(teams["unconnected"].run(options.steps, only=1)[0])
        print(f"{options.model}: round {done + 1} of {options.rounds}", file=sys.stderr, flush=True)
    link = link_of(teams["ranks"])
    saves = saves_of(teams["unconnected"], options.saves)
    for team in teams.values():
        team.close()
    return seconds, sent, link, saves


def link_of(team):
    """Latency and bandwidth of a sum between these ranks, and its seconds at several sizes."""
    sizes = [4, 1 << 16, 1 << 20, BUCKET, 25 << 20, 100 << 20]
    medians = {}
    for size in sizes:
        medians[size] = statistics.median(answer for rank in team.ask(f"sum {8 if size >= 1 << 20 else 50} {size}") for answer in rank["seconds"])
        print(f"a sum of {size:>9} bytes {1000 * medians[size]:9.3f} ms")
    ranks = len(team.processes)
    sent = 2 * (ranks - 1) / ranks * (BUCKET - (1 << 20))
    return {"latency_us": 1e6 * medians[4] / (2 * (ranks - 1)), "bandwidth_mb_s": sent / 1e6 / (medians[BUCKET] - medians[1 << 20])}


def saves_of(team, count):
    with tempfile.TemporaryDirectory(prefix="ddp") as folder:
        got = team.ask(f"save {count} {folder}", only=1)[0]
    whole, held = statistics.median(got["whole"]), statistics.median(got["held"])
    slower = got["steps"] * (statistics.mean(got["beside"]) - statistics.mean(got["plain"]))
    print(f"a save {1000 * whole:8.1f} ms; it holds the training up for {1000 * held:.1f} ms, and the steps beside it take {1000 * slower:.1f} ms more")
    return {"save_stall": held / whole, "save_slows": slower / whole}


def ratio(a, b):
    """The median of the rounds' ratios: both sides of one had the same machine."""
    return statistics.median(x / y for x, y in zip(a, b))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--model", default="resnet18")
    for name, value in {"rounds": 7, "steps": 5, "batch": 32, "size": 96, "ranks": 2, "saves": 5}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    seconds, sent, link, saves = measure(options)
    for name, rounds in seconds.items():
        print(f"{name:18} {1000 * statistics.median(rounds):8.1f} ms a step of {options.batch} images a process")
    ranks, least = options.ranks, 2 * (options.ranks - 1) / options.ranks * sent[0]["gradients"]
    bytes_a_step = sum(answer["sent"] for answer in sent) / ranks / options.steps
    print(f"a rank sends {bytes_a_step / 1e6:.2f} MB a step; no sum of these gradients can do with less than {least / 1e6:.2f} MB")
    values = {"ddp_vs_unconnected": ratio(seconds["unconnected"], seconds["ranks"]),
              "torch_ddp_vs_unconnected": ratio(seconds["torch_unconnected"], seconds["torch"]),
              "step_vs_torch_ddp": ratio(seconds["ranks"], seconds["torch"]), "speedup": ranks * ratio(seconds["one"], seconds["ranks"]),
              "unconnected_speedup": ranks * ratio(seconds["one"], seconds["unconnected"]), "bytes_vs_least": bytes_a_step / least, **saves, **link}
    print(" ".join(f"{key}={value:.3f}" for key, value in values.items()))


main()
