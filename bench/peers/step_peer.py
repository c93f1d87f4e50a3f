"""The peer of bench/step.cpp: PyTorch eager, channels-last. Reads `run N` lines, answers each with seconds and peak memory."""
import json
import sys
import time

import torch
from torch.nn import functional as F

import nets


def status_mb(field):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(field + ":"))


def main():
    name, batch, size, threads, fused = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "fused"
    lower = {"bf16": torch.bfloat16, "fp16": torch.float16}.get((sys.argv[6:] or ["fp32"])[0])
    scaler = torch.amp.GradScaler("cpu", enabled=lower == torch.float16)
    torch.set_num_threads(threads)
    model = nets.build(name).to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4, fused=True if fused else None)
    x = torch.randn(batch, 3, size, size).to(memory_format=torch.channels_last)
    pixels = name.endswith("_seg") or name.startswith("deeplab")
    target = torch.randint(21, (batch, size, size)) if pixels else torch.arange(batch) * 37 % 1000
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")
    before = status_mb("VmRSS")
    for line in sys.stdin:
        seconds = []
        for _ in range(int(line.split()[1])):
            began = time.perf_counter()
            optimizer.zero_grad()
            with torch.autocast("cpu", lower, enabled=lower is not None):
                loss = F.cross_entropy(model(x), target, ignore_index=255)
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
            loss.item()
            seconds.append(time.perf_counter() - began)
        print(json.dumps({"seconds": seconds, "peak_mb": status_mb("VmHWM") - before, "before_mb": before}), flush=True)


main()
