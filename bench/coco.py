"""Reading COCO's annotations: ours and pycocotools, processes interleaved, medians. `coco.py BUILD [ROUNDS] [MEGABYTES]`."""
import os
import pathlib
import statistics
import subprocess
import sys

import make_coco

BUILD, ROUNDS = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3
MEGABYTES = int(sys.argv[3]) if len(sys.argv) > 3 else 450
HERE = pathlib.Path(__file__).parent


def once(command):
    line = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return {key: float(value) for key, value in (field.split("=") for field in line)}


def main():
    path = BUILD / f"bench_instances_{MEGABYTES}.json"
    if not path.exists():
        make_coco.main(path, MEGABYTES)
    commands = {"ours": [BUILD / "bench_coco", path], "pycocotools": [sys.executable, HERE / "peers/coco_peer.py", path]}
    runs = {who: [] for who in commands}
    for _ in range(ROUNDS):
        for who, command in commands.items():
            runs[who].append(once(command))
    firsts = (runs["ours"][0], runs["pycocotools"][0])
    counts = [{key: run[key] for key in ("images", "objects", "small", "medium", "large")} for run in firsts]
    if counts[0] != counts[1]:
        sys.exit(f"bench: both read other labels: {counts}")
    median = {who: {key: statistics.median(run[key] for run in of) for key in of[0]} for who, of in runs.items()}
    ours, peer = median["ours"], median["pycocotools"]
    size = os.path.getsize(path) / 1e6
    beyond = (ours["peak"] - ours["results"]) / 1e6
    print(f"{size:.0f} MB, {ours['images']:,.0f} images, {ours['objects']:,.0f} objects, {ROUNDS} rounds, medians (page cache warm)")
    print(f"  ours        {ours['seconds']:7.2f} s   peak {ours['peak'] / 1e6:7.0f} MB, {beyond:.0f} of them beyond the results")
    print(f"  pycocotools {peer['seconds']:7.2f} s   peak {peer['peak'] / 1e6:7.0f} MB ({peer['read']:.2f} s to read and index)")
    print(f"coco_vs_pycocotools={ours['seconds'] / peer['seconds']:.3f} rss_vs_pycocotools={ours['peak'] / peer['peak']:.3f} "
          f"seconds_per_450mb={ours['seconds'] * 450 / size:.2f} beyond_results_mb={beyond:.1f}")


main()
