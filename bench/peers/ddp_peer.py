"""The peer of bench/ddp.cpp: PyTorch's DistributedDataParallel over Gloo, channels-last, fused SGD. Reads `run N` lines, answers each
with seconds. Without RANK it trains alone."""
import json
import os
import sys
import time

import torch
from torch import distributed
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel

import nets


def main():
    name, batch, size, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    torch.set_num_threads(threads)
    model = nets.build(name).to(memory_format=torch.channels_last).train()
    if "RANK" in os.environ:
        distributed.init_process_group("gloo")
        model = DistributedDataParallel(model, broadcast_buffers=False, gradient_as_bucket_view=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4, fused=True)
    x = torch.randn(batch, 3, size, size).to(memory_format=torch.channels_last)
    target = torch.arange(batch) * 37 % 1000
    for line in sys.stdin:
        seconds = []
        for _ in range(int(line.split()[1])):
            began = time.perf_counter()
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), target)
            loss.backward()
            optimizer.step()
            loss.item()
            seconds.append(time.perf_counter() - began)
        print(json.dumps({"seconds": seconds}), flush=True)


main()
