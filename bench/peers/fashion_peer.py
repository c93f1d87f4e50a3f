"""The peer of a training on Fashion-MNIST: the recipe that a run of springbok stored, in PyTorch eager, channels last.

usage: fashion_peer.py RUN/run.json SEED THREADS. Prints one JSON line: accuracy on the test images, also with each one mirrored too
(flip_top1: the mean of both scores), and seconds of training.
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

PLAIN = {"accumulate": 1, "mixup": 0, "cutmix": 0, "ema_decay": 0, "clip_norm": 0, "final_lr": 0, "warmup_lr": 0, "random_erasing": 0,
         "auto_augment": "none", "dampening": 0, "lookahead_k": 0, "last_mult": 1, "layer_decay": 1, "init_scheme": "published", "dropout": 0,
         "drop_path": 0, "progressive_size": 0}
MUON = {"muon_linear": False, "muon_unit_norm": True, "muon_scale": "original", "muon_rest": "sgd"}


def idx(folder, name, header):
    with gzip.open(os.path.join(folder, name)) as file:
        return numpy.frombuffer(file.read(), numpy.uint8, offset=header).copy()


def pixels(folder, part):
    """Images as bytes (N,1,28,28), and their classes."""
    images = torch.from_numpy(idx(folder, f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28))
    return images, torch.from_numpy(idx(folder, f"{part}-labels-idx1-ubyte.gz", 8)).long()


def normalised(images, recipe):
    return ((images.float() / 255 - recipe["mean"][0]) / recipe["std"][0]).contiguous(memory_format=torch.channels_last)


def random_crops(images, pad):
    """Each image with a black border of `pad` pixels, cut to its own size at a random place."""
    count, _, height, width = images.shape
    rows = torch.randint(2 * pad + 1, (count, 1)) + torch.arange(height)
    columns = torch.randint(2 * pad + 1, (count, 1)) + torch.arange(width)
    padded = F.pad(images, (pad, pad, pad, pad))[:, 0]
    return padded[torch.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]][:, None]


def within(centres, half, length):
    """(N,length): whether a place lies in the `half` before a centre, or the `half` from it on."""
    places = torch.arange(length)
    return (places >= centres - half) & (places < centres + half)


def augmented(images, recipe):
    if recipe["crop"] == "pad":
        images = random_crops(images, recipe["pad"])
    elif recipe["crop"] != "none":
        raise SystemExit(f"fashion_peer.py: crop = {recipe['crop']} is not written here")
    flipped = torch.rand(len(images), 1, 1, 1) < recipe["flip"]
    inputs = normalised(torch.where(flipped, images.flip(3), images), recipe)
    if recipe["cutout"]:
        count, _, height, width = images.shape
        rows = within(torch.randint(height, (count, 1)), recipe["cutout"] // 2, height)
        columns = within(torch.randint(width, (count, 1)), recipe["cutout"] // 2, width)
        inputs = inputs.masked_fill((rows[:, :, None] & columns[:, None, :])[:, None], 0)
    return inputs


def orthogonal(matrix, steps):
    """Newton and Schulz's iteration towards the nearest matrix whose singular values are all 1."""
    wide = matrix.T if matrix.size(0) > matrix.size(1) else matrix
    wide = wide / wide.norm().clamp_min(1e-7)
    for _ in range(steps):
        gram = wide @ wide.T
        wide = torch.addmm(wide, torch.addmm(gram, gram, gram, beta=-4.775, alpha=2.0315), wide, beta=3.4445)
    return wide.T if matrix.size(0) > matrix.size(1) else wide


class Muon(torch.optim.Optimizer):
    """Muon as the CIFAR-10 speed record has it: each filter bank is scaled to the norm sqrt(filters) before its step."""

    def __init__(self, groups, lr, momentum, steps):
        super().__init__(groups, {"lr": lr, "momentum": momentum, "steps": steps})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for weights in group["params"]:
                state = self.state[weights]
                if not state:
                    state["momentum"] = torch.zeros_like(weights)
                state["momentum"].lerp_(weights.grad, 1 - group["momentum"])
                rows = len(weights)
                update = orthogonal(weights.grad.lerp(state["momentum"], group["momentum"]).reshape(rows, -1), group["steps"])
                weights.mul_(math.sqrt(rows) / weights.norm()).mul_(1 - group["lr"] * group["weight_decay"])
                weights.sub_(update.reshape(weights.shape), alpha=group["lr"] * math.sqrt(max(1, rows / update.size(1))))


def groups(parameters, recipe):
    """Weight decay, and none for norms and biases where the recipe spares them."""
    spared = [p for p in parameters if p.dim() < 2 and not recipe["norm_decay"]]
    decayed = [p for p in parameters if p.dim() >= 2 or recipe["norm_decay"]]
    return [{"params": decayed, "weight_decay": recipe["weight_decay"]}, {"params": spared, "weight_decay": 0}]


def optimizers(model, recipe):
    """Pairs of an optimizer and its learning rate after the warm-up."""
    parameters = list(model.parameters())
    if recipe["optimizer"] == "sgd":
        nesterov = recipe["nesterov"]
        return [(torch.optim.SGD(groups(parameters, recipe), lr=0, momentum=recipe["momentum"], nesterov=nesterov), recipe["lr"])]
    if recipe["optimizer"] != "muon":
        raise SystemExit(f"fashion_peer.py: optimizer = {recipe['optimizer']} is not written here")
    banks, rest = [p for p in parameters if p.dim() == 4], [p for p in parameters if p.dim() != 4]
    muon = Muon([{"params": banks, "weight_decay": recipe["weight_decay"]}], 0, recipe["momentum"], recipe["muon_steps"])
    return [(muon, recipe["lr"]),
            (torch.optim.SGD(groups(rest, recipe), lr=0, momentum=recipe["momentum"], nesterov=True), recipe["muon_rest_lr"] or recipe["lr"])]


def rate(recipe, step, per_epoch):
    """The learning rate of a step, as a share of that after the warm-up."""
    warm, total = round(recipe["warmup_epochs"] * per_epoch), recipe["epochs"] * per_epoch
    if step < warm:
        return step / warm
    way = (step - warm) / (total - warm)
    if recipe["schedule"] == "poly":
        return 1 - way
    if recipe["schedule"] == "cosine":
        return (1 + math.cos(math.pi * way)) / 2
    raise SystemExit(f"fashion_peer.py: schedule = {recipe['schedule']} is not written here")


def train(model, images, classes, recipe, order=torch.randperm):
    """Trains in place; the loss of each step."""
    movers = optimizers(model, recipe)
    batch = recipe["batch_size"]
    per_epoch = math.ceil(len(images) / batch)
    losses = []
    model.train()
    for step in range(recipe["epochs"] * per_epoch):
        if step % per_epoch == 0:
            places = order(len(images))
        chosen = places[step % per_epoch * batch:][:batch]
        inputs = augmented(images[chosen], recipe)
        for optimizer, lr in movers:
            optimizer.zero_grad()
            for group in optimizer.param_groups:
                group["lr"] = lr * rate(recipe, step, per_epoch)
        loss = F.cross_entropy(model(inputs), classes[chosen], label_smoothing=recipe["label_smoothing"])
        loss.backward()
        for optimizer, _ in movers:
            optimizer.step()
        losses.append(loss.detach())
    return losses


@torch.no_grad()
def accuracy(model, images, classes, recipe):
    """Top-1 in percent: of the images, and of them and their mirror images, whose scores are added."""
    model.eval()
    right = [0, 0]
    for i in range(0, len(images), 500):
        plain = model(normalised(images[i:i + 500], recipe))
        both = plain + model(normalised(images[i:i + 500].flip(3), recipe))
        for at, scores in enumerate((plain, both)):
            right[at] += (scores.argmax(1) == classes[i:i + 500]).sum().item()
    return [100 * count / len(images) for count in right]


def check(recipe):
    """Refuses what this script does not do."""
    wanted = PLAIN | (MUON if recipe["optimizer"] == "muon" else {}) | ({"power": 1} if recipe["schedule"] == "poly" else {})
    for key, value in wanted.items():
        if recipe.get(key, value) != value:
            raise SystemExit(f"fashion_peer.py: {key} = {recipe[key]} is not written here")


def main():
    with open(sys.argv[1]) as file:
        recipe = json.load(file)["recipe"]
    check(recipe)
    torch.manual_seed(int(sys.argv[2]))
    torch.set_num_threads(int(sys.argv[3]))
    folder = recipe["data"].removeprefix("idx:")
    images, classes = pixels(folder, "train")
    model = small_nets.build(recipe["model"], 1, 10).to(memory_format=torch.channels_last)
    began = time.perf_counter()
    train(model, images, classes, recipe)
    seconds = time.perf_counter() - began
    plain, both = accuracy(model, *pixels(folder, "t10k"), recipe)
    print(json.dumps({"top1": plain, "flip_top1": both, "seconds": seconds, "images_s": recipe["epochs"] * len(images) / seconds}))


if __name__ == "__main__":
    main()
