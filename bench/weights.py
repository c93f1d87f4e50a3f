"""Loading a 100 MB state dict: ours and `torch.load`, processes interleaved, medians. `weights.py BUILD [ROUNDS]`."""
import os
import pathlib
import statistics
import subprocess
import sys

import torch

BUILD, ROUNDS = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 9
HERE = pathlib.Path(__file__).parent


def make_file():
    """The tensors of ResNet-50 by size: 161 of them, 102 MB."""
    torch.manual_seed(0)
    sizes = [(64, 3, 7, 7), (64,), (64,)]
    for stage, (blocks, width) in enumerate(zip((3, 4, 6, 3), (64, 128, 256, 512))):
        inputs = 64 if stage == 0 else width * 2
        for block in range(blocks):
            shapes = [(width, inputs, 1, 1), (width, width, 3, 3), (width * 4, width, 1, 1)]
            shapes += [(width * 4, inputs, 1, 1)] if block == 0 else []
            for shape in shapes:
                sizes += [shape, (shape[0],), (shape[0],)]
            inputs = width * 4
    sizes += [(1000, 2048), (1000,)]
    path = BUILD / "bench_weights.pth"
    torch.save({f"layer{i}.weight": torch.randn(size) for i, size in enumerate(sizes)}, path)
    return path


def once(command):
    line = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    fields = dict(field.split("=") for field in line)
    return float(fields["seconds"]), int(fields["rss"])


def main():
    path = make_file()
    size = os.path.getsize(path)
    commands = {
        (who, mode): command + [str(path), mode]
        for who, command in {"ours": [str(BUILD / "bench_weights")],
                             "torch": [sys.executable, str(HERE / "peers/weights_peer.py")]}.items()
        for mode in ("copy", "map")
    }
    runs = {key: [] for key in commands}
    for _ in range(ROUNDS):
        for key, command in commands.items():
            runs[key].append(once(command))
    print(f"{size / 1e6:.1f} MB, torch {torch.__version__}, {ROUNDS} rounds, medians (page cache warm)")
    median = {}
    for key, values in runs.items():
        median[key] = [statistics.median(column) for column in zip(*values)]
        seconds, rss = median[key]
        print(f"  {key[0]:5} {key[1]:4} {seconds * 1e3:8.1f} ms   peak {rss / size:.2f} x the file")
    ratio = {mode: median["ours", mode][0] / median["torch", mode][0] for mode in ("copy", "map")}
    rss = {mode: median["ours", mode][1] / size for mode in ("copy", "map")}
    print(f"load_vs_torch={ratio['copy']:.3f} rss_vs_file={rss['copy']:.3f} "
          f"mapped_vs_torch={ratio['map']:.3f} mapped_rss_vs_file={rss['map']:.3f}")


main()
