"""Loads a weight file once with PyTorch and prints the seconds and the memory it took: `weights_peer.py FILE copy|map`."""
import re
import sys
import time

import torch


def memory(field):
    with open("/proc/self/status") as status:
        return int(re.search(rf"^{field}:\s+(\d+)", status.read(), re.M)[1]) * 1024


def main():
    path, mode = sys.argv[1:]
    torch.set_num_threads(1)
    torch.load(sys.argv[0].replace("weights_peer.py", "../../tests/tensors/fixtures/network.zip.pth"), weights_only=True)  # imports
    before = memory("VmRSS")
    start = time.perf_counter()
    tensors = torch.load(path, weights_only=True, mmap=mode == "map")
    total = sum(tensor.view(torch.int32).sum().item() for tensor in tensors.values()) if mode == "map" else len(tensors)
    seconds = time.perf_counter() - start
    print(f"seconds={seconds:.6f} rss={memory('VmHWM') - before} sum={total}")


main()
