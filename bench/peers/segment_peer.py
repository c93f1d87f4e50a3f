"""Segmentation as PyTorch users do it, on request: `run N` lines on standard input.

usage: segment_peer.py load VOC_FOLDER            N batches of 50: scale 0.5 to 2, flip, crop 257, with torchvision's v2
                                                  transforms on Pillow images; answers CPU seconds and images
       segment_peer.py eval MODEL VOC_FOLDER THREADS
                                                  N images at their own size, each turn others, with mIoU; answers seconds and images
"""
import itertools
import json
import math
import os
import sys
import time

import numpy as np
import torch
from PIL import Image
from torchvision import tv_tensors
from torchvision.transforms import v2

import nets

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
FILL = {Image.Image: tuple(round(255 * value) for value in MEAN), tv_tensors.Mask: 255}


class Voc(torch.utils.data.Dataset):
    def __init__(self, folder, transform):
        self.folder, self.transform = folder, transform
        with open(os.path.join(folder, "ImageSets/Segmentation/val.txt")) as names:
            self.names = names.read().split()

    def __len__(self):
        return len(self.names)

    def __getitem__(self, index):
        name = self.names[index]
        image = Image.open(os.path.join(self.folder, "JPEGImages", name + ".jpg")).convert("RGB")
        mask = np.asarray(Image.open(os.path.join(self.folder, "SegmentationClass", name + ".png")))
        return self.transform(image, tv_tensors.Mask(torch.from_numpy(mask.copy())))


class Scale(torch.nn.Module):
    def forward(self, image, mask):
        scale = math.exp(math.log(0.5) + torch.rand(()).item() * math.log(4))
        size = [max(1, int(image.height * scale)), max(1, int(image.width * scale))]
        return v2.functional.resize(image, size), v2.functional.resize(mask, size)


NORMALISED = [v2.ToImage(), v2.ToDtype({tv_tensors.Image: torch.float32, "others": None}, scale=True), v2.Normalize(MEAN, STD)]


def load(folder):
    transform = v2.Compose([Scale(), v2.RandomHorizontalFlip(), v2.RandomCrop(257, pad_if_needed=True, fill=FILL), *NORMALISED])
    data = Voc(folder, transform)

    def endless():
        while True:
            yield from torch.utils.data.DataLoader(data, batch_size=50, shuffle=True, num_workers=0)

    torch.set_num_threads(1)
    batches = endless()

    def run(count):
        began = time.process_time()
        images = sum(len(next(batches)[0]) for _ in range(count))
        return {"cpu_seconds": time.process_time() - began, "images": images}
    return run


def evaluate(name, folder, threads):
    torch.set_num_threads(int(threads))
    model = nets.build(name).to(memory_format=torch.channels_last).eval()
    data = Voc(folder, v2.Compose(NORMALISED))
    turn = itertools.count()

    def run(count):
        turns = max(1, len(data) // count)
        few = torch.utils.data.Subset(data, range(next(turn) % turns, len(data), turns))
        confusion = torch.zeros(21 * 21, dtype=torch.int64)
        began = time.perf_counter()
        for image, mask in torch.utils.data.DataLoader(few, batch_size=1, num_workers=1):
            with torch.inference_mode():
                found = model(image.to(memory_format=torch.channels_last)).argmax(1)
            kept = mask != 255
            confusion += torch.bincount(21 * mask[kept].long() + found[kept], minlength=21 * 21)
        square = confusion.view(21, 21)
        union = square.sum(0) + square.sum(1) - square.diagonal()
        (square.diagonal() / union.clamp(min=1))[union > 0].mean().item()
        return {"seconds": time.perf_counter() - began, "images": len(few)}
    return run


def main():
    run = {"load": load, "eval": evaluate}[sys.argv[1]](*sys.argv[2:])
    for line in sys.stdin:
        print(json.dumps(run(int(line.split()[1]))), flush=True)


main()
