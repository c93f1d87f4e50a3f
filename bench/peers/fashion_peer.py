"""The peer of a training on Fashion-MNIST: the recipe that a run of springbok stored, in PyTorch eager, channels last.

usage: fashion_peer.py RUN/run.json SEED THREADS. Prints one JSON line: accuracy on the test images, seconds of training.
"""
import gzip
import json
import math
import os
import sys
import time

import numpy
import torch
from torch.nn import functional as F

import small_nets

PLAIN = {"optimizer": "sgd", "schedule": "cosine", "crop": "none", "accumulate": 1, "mixup": 0, "cutmix": 0, "ema_decay": 0,
         "clip_norm": 0, "final_lr": 0, "warmup_lr": 0, "limit": 0, "cutout": 0, "random_erasing": 0, "auto_augment": "none"}


def idx(folder, name, header):
    with gzip.open(os.path.join(folder, name)) as file:
        return numpy.frombuffer(file.read(), numpy.uint8, offset=header).copy()


def images(folder, part, recipe):
    pixels = idx(folder, f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28)
    x = (torch.from_numpy(pixels).float() / 255 - recipe["mean"][0]) / recipe["std"][0]
    return x, torch.from_numpy(idx(folder, f"{part}-labels-idx1-ubyte.gz", 8)).long()


def groups(model, recipe):
    """Weight decay, and none for norms and biases where the recipe spares them."""
    spared = [p for p in model.parameters() if p.dim() < 2 and not recipe["norm_decay"]]
    decayed = [p for p in model.parameters() if p.dim() >= 2 or recipe["norm_decay"]]
    return [{"params": decayed, "weight_decay": recipe["weight_decay"]}, {"params": spared, "weight_decay": 0}]


def rate(recipe, step, per_epoch):
    warm, total = round(recipe["warmup_epochs"] * per_epoch), recipe["epochs"] * per_epoch
    if step < warm:
        return recipe["lr"] * step / warm
    return recipe["lr"] * (1 + math.cos(math.pi * (step - warm) / (total - warm))) / 2


def train(model, x, y, recipe):
    optimizer = torch.optim.SGD(groups(model, recipe), lr=recipe["lr"], momentum=recipe["momentum"], nesterov=recipe["nesterov"])
    batch = recipe["batch_size"]
    per_epoch = math.ceil(len(x) / batch)
    model.train()
    for step in range(recipe["epochs"] * per_epoch):
        if step % per_epoch == 0:
            order = torch.randperm(len(x))
        chosen = order[step % per_epoch * batch:][:batch]
        inputs = x[chosen]
        flipped = torch.rand(len(chosen), 1, 1, 1) < recipe["flip"]
        inputs = torch.where(flipped, inputs.flip(3), inputs).contiguous(memory_format=torch.channels_last)
        for group in optimizer.param_groups:
            group["lr"] = rate(recipe, step, per_epoch)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), y[chosen], label_smoothing=recipe["label_smoothing"])
        loss.backward()
        optimizer.step()


@torch.no_grad()
def accuracy(model, x, y):
    model.eval()
    right = sum((model(x[i:i + 500]).argmax(1) == y[i:i + 500]).sum().item() for i in range(0, len(x), 500))
    return 100 * right / len(x)


def main():
    with open(sys.argv[1]) as file:
        recipe = json.load(file)["recipe"]
    for key, value in PLAIN.items():
        if recipe.get(key, value) != value:
            raise SystemExit(f"fashion_peer.py: {key} = {recipe[key]} is not written here")
    torch.manual_seed(int(sys.argv[2]))
    torch.set_num_threads(int(sys.argv[3]))
    folder = recipe["data"].removeprefix("idx:")
    x, y = images(folder, "train", recipe)
    model = small_nets.build(recipe["model"], 1, 10).to(memory_format=torch.channels_last)
    began = time.perf_counter()
    train(model, x, y, recipe)
    seconds = time.perf_counter() - began
    print(json.dumps({"top1": accuracy(model, *images(folder, "t10k", recipe)), "seconds": seconds, "images_s": recipe["epochs"] * len(x) / seconds}))


main()
