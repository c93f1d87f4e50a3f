"""Loads training batches as PyTorch users do, on request: `run N` on standard input loads N batches of 50.

usage: loader_peer.py FOLDER pillow|tvio
  pillow: torchvision's ImageFolder and transforms on Pillow images
  tvio:   torchvision.io's decoder and transforms.v2 on tensors
One thread, in the process itself (no workers), so that CPU time per image is what a core needs.
"""
import json
import sys
import time

import torch
import torchvision
from torchvision import transforms
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def pillow_data(folder):
    return ImageFolder(folder, transforms.Compose([
        transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor(),
        transforms.Normalize(MEAN, STD)]))


def tvio_data(folder):
    def load(path):
        return torchvision.io.decode_image(torchvision.io.read_file(path), mode=torchvision.io.ImageReadMode.RGB)

    return ImageFolder(folder, v2.Compose([
        v2.RandomResizedCrop(224, antialias=True), v2.RandomHorizontalFlip(), v2.ToDtype(torch.float32, scale=True),
        v2.Normalize(MEAN, STD)]), loader=load)


def endless(data):
    while True:
        yield from torch.utils.data.DataLoader(data, batch_size=50, shuffle=True, num_workers=0)


def main():
    folder, kind = sys.argv[1:]
    torch.set_num_threads(1)
    torch.manual_seed(1)
    batches = endless({"pillow": pillow_data, "tvio": tvio_data}[kind](folder))
    for line in sys.stdin:
        count = int(line.split()[1])
        began = time.process_time()
        images = sum(len(next(batches)[0]) for _ in range(count))
        print(json.dumps({"cpu_seconds": time.process_time() - began, "images": images}), flush=True)


main()
