"""Makes fixtures/tricks.json: what torchvision, timm and ModelZoo's toolbox compute for the ops of the training tricks.

python make_tricks.py; needs torch, torchvision, timm and torchtoolbox (pip install --no-deps torchtoolbox). Parameters and inputs are
filled from their names as in the golden files (tests/golden/fill.cpp), so that the file holds results only. All in float64; a gradient
is that of sum(output * target).
"""

import importlib.util
import json
import pathlib

import timm.layers
import torch
import torchvision
from torch.nn import functional

HERE = pathlib.Path(__file__).resolve().parent


def load_by_path(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def toolbox_switch_norm():
    """The function alone: the package imports what it does not need."""
    folder = pathlib.Path(importlib.util.find_spec("torchtoolbox").origin).parent / "nn"
    text = (folder / "functional.py").read_text()
    text = text[text.index("def switch_norm("):]
    space = {}
    exec(text[:text.index("\ndef ")], space)
    return space["switch_norm"]


fill = load_by_path("make_fill", HERE.parent / "golden" / "fill.py").fill


def parameter(name, *shape):
    return fill("op." + name, shape).requires_grad_(True)


def case(name, shape, run, parameters=(), buffers=()):
    x = fill("__input__", shape).requires_grad_(True)
    y = run(x)
    (y * fill("__target__", y.shape)).sum().backward()
    flat = lambda tensor: [float(f"{v:.15g}") for v in tensor.detach().flatten().tolist()]
    gradients = {"__input__": flat(x.grad)}
    for key, tensor in parameters:
        gradients["op." + key] = flat(tensor.grad)
    return {"case": name, "input": list(shape), "shape": list(y.shape), "output": flat(y), "gradients": gradients,
            "buffers": {"op." + key: flat(tensor) for key, tensor in buffers}}


def switch_norm(train):
    names = [("weight", 4), ("bias", 4), ("mean_weight", 3), ("var_weight", 3)]
    learned = [(key, parameter(key, size)) for key, size in names]
    by_name = dict(learned)
    buffers = [(key, fill("op." + key, [4])) for key in ("running_mean", "running_var")]
    norm = toolbox_switch_norm()
    run = lambda x: norm(x, buffers[0][1], buffers[1][1], by_name["weight"], by_name["bias"], by_name["mean_weight"],
                         by_name["var_weight"], train, 0.9, 1e-5)
    return case("switch_norm " + ("train" if train else "eval"), (3, 4, 5, 6), run, learned, buffers)


def deform(name, stride, groups):
    weight, bias = parameter("weight", 6, 4 // groups, 3, 3), parameter("bias", 6)

    def run(x):
        at = x[:, :, ::stride, ::stride]
        return torchvision.ops.deform_conv2d(
            x[:, :4], at[:, 4:22], weight, bias, stride=stride, padding=1, mask=at[:, 22:31].sigmoid())

    return case(name, (1, 31, 7, 6), run, [("weight", weight), ("bias", bias)])


def lip():
    def run(x):
        weight = (x[:, 3:].sigmoid() * 12).exp()
        return functional.avg_pool2d(x[:, :3] * weight, 3, 2, 1) / functional.avg_pool2d(weight, 3, 2, 1)

    return case("lip_pool", (2, 6, 7, 6), run)


def frozen():
    norm = torchvision.ops.FrozenBatchNorm2d(4).double()
    norm.load_state_dict({key: fill("op." + key, [4]) for key in norm.state_dict()})
    return case("frozen_norm", (3, 4, 5, 6), norm.train(), buffers=list(norm.named_buffers()))


def with_noise(noise, run):
    """Runs with every drawn mask replaced by `noise`; returns the result and the probability that was asked for."""
    asked = []
    kept = torch.Tensor.bernoulli_
    torch.Tensor.bernoulli_ = lambda self, p: (asked.append(p), self.copy_(noise.view(self.shape)))[1]
    try:
        return run(), asked[0]
    finally:
        torch.Tensor.bernoulli_ = kept


def drop_path():
    noise = torch.tensor([1.0, 0.0, 1.0], dtype=torch.float64)
    row = case("drop_path", (3, 2, 2, 2), lambda x: with_noise(noise, lambda: timm.layers.drop_path(x, 0.3, True))[0])
    return row | {"noise": noise.tolist()}


def drop_block():
    noise = (fill("__noise__", (2, 3, 5, 4)) > 0.08).double()
    rates = []

    def run(x):
        y, rate = with_noise(noise, lambda: torchvision.ops.drop_block2d(x, 0.2, 3, training=True))
        rates.append(rate)
        return y

    return case("drop_block", (2, 3, 7, 6), run) | {"noise": noise.flatten().tolist(), "rate": rates[0]}


rows = [switch_norm(True), switch_norm(False), deform("deform_conv2d", 1, 1), deform("deform_conv2d grouped, stride 2", 2, 2),
        lip(), frozen(), drop_path(), drop_block()]
lines = ",\n".join(json.dumps(row) for row in rows)
(HERE / "fixtures" / "tricks.json").write_text(f"[{lines}]\n")
