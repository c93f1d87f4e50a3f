"""Makes the golden files of files/ that need no source repository: python make_files.py OUT [NAME...].

Needs torch, torchvision, timm and lambda-networks from pip. The fill and the format are those of the golden files' README: every tensor
is filled from its name, and the file holds what the published code then computes. Nothing is dropped at random here: what was switched
off stands under train.off.
"""

import json
import math
import pathlib
import sys

import timm
import torch
import torchvision
from lambda_networks import LambdaLayer
from torch.utils.flop_counter import FlopCounterMode

from fill import fill


class Bottleneck(torch.nn.Module):
    """ModelZoo's, whose lambda layer is the package's."""

    def __init__(self, inplanes, planes, stride):
        super().__init__()
        nn = torch.nn
        self.conv1 = nn.Conv2d(inplanes, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = LambdaLayer(planes, dim_k=16, r=15, heads=4, dim_u=1)
        self.pool = nn.AvgPool2d(3, 2, 1) if stride != 1 else nn.Identity()
        self.conv3 = nn.Conv2d(planes, 4 * planes, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * planes)
        self.downsample = nn.Identity()
        if stride != 1 or inplanes != 4 * planes:
            self.downsample = nn.Sequential(
                nn.Conv2d(inplanes, 4 * planes, 1, stride, bias=False), nn.BatchNorm2d(4 * planes))

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = self.bn3(self.conv3(self.pool(self.conv2(y))))
        return torch.relu(y + self.downsample(x))


def lambda_resnet18():
    model = torchvision.models.resnet18()
    inplanes = 64
    for stage in range(4):
        planes = 64 << stage
        blocks = []
        for i in range(2):
            blocks.append(Bottleneck(inplanes, planes, 2 if stage > 0 and i == 0 else 1))
            inplanes = 4 * planes
        setattr(model, f"layer{stage + 1}", torch.nn.Sequential(*blocks))
    model.fc = torch.nn.Linear(inplanes, 1000)
    return model


def efficientnet(name):
    model = getattr(torchvision.models, name)(dropout=0)
    for module in model.modules():
        if isinstance(module, torchvision.ops.StochasticDepth):
            module.p = 0.0
    return model


def deeplab(name, aux_loss=None):
    model = getattr(torchvision.models.segmentation, name)(weights_backbone=None, aux_loss=aux_loss)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return model


def segmenter(name, **kwargs):
    """A row of MODELS. Four images, since the pyramid's mean is normalised over them."""
    row = {"factory": f"torchvision.models.segmentation:{name}", "repo": "pytorch/vision", "kwargs": kwargs,
           "off": {"dropout": [0.5, 0.1]}, "input": [4, 3, 65, 57], "make": lambda: deeplab(name, **kwargs)}
    return {**row, "aux_weight": 0.5} if kwargs else row


MODELS = {
    "deeplabv3_resnet50_aux": segmenter("deeplabv3_resnet50", aux_loss=True),
    "deeplabv3_mobilenet_v3_large": segmenter("deeplabv3_mobilenet_v3_large"),
    "LambdaResnet18": {
        "factory": "models.lamdba_net:LambdaResnet18", "repo": "PistonY/ModelZoo.pytorch", "make": lambda_resnet18},
    "efficientnet_b0_whole": {
        "factory": "torchvision.models:efficientnet_b0", "repo": "pytorch/vision", "off": {"stochastic_depth": 0.2, "dropout": 0.2},
        "make": lambda: efficientnet("efficientnet_b0")},
    "ghostnet_100_whole": {
        "factory": "timm.models:ghostnet_100", "repo": "timm", "off": {"drop_rate": 0.2},
        "make": lambda: timm.create_model("ghostnet_100", drop_rate=0.0)},
}


def macs_at_224(model):
    """Multiply-accumulates of convolutions, linear layers and products of matrices."""
    model.eval().float()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.zeros(1, 3, 224, 224))
    twice = 0  # a lambda layer of the package multiplies the queries with content and positions apart; once would do

    def count(module, _, out):
        nonlocal twice
        twice += out.numel() * module.to_k.out_channels

    hooks = [m.register_forward_hook(count) for m in model.modules() if isinstance(m, LambdaLayer)]
    with torch.no_grad():
        model(torch.zeros(1, 3, 224, 224))
    for hook in hooks:
        hook.remove()
    return counter.get_total_flops() // 2 - twice


def load(model, dtype):
    model.to(dtype)
    state = model.state_dict()
    model.load_state_dict({key: fill(key, value.shape).to(value.dtype) for key, value in state.items()})
    for parameter in model.parameters():
        parameter.grad = None
    return model


def main_output(output):
    return output["out"] if isinstance(output, dict) else output


def step(model, dtype, row):
    load(model, dtype)
    model.eval()
    x = fill("__input__", row.get("input", [2, 3, 64, 64])).to(dtype)
    with torch.no_grad():
        output = main_output(model(x))
    model.train()
    both = model(x)
    trained = main_output(both)
    target = fill("__target__", trained.shape).to(dtype)
    loss = (trained * target).sum()
    if "aux_weight" in row:
        loss = loss + row["aux_weight"] * (both["aux"] * target).sum()
    loss.backward()
    grads = {name: p.grad.double().norm().item() for name, p in model.named_parameters() if p.grad is not None}
    no_grad = [name for name, p in model.named_parameters() if p.grad is None]
    buffers = {name: b.double().norm().item() for name, b in model.named_buffers()}
    return output.double(), trained.detach().double(), loss.item(), grads, no_grad, buffers


def some(names, most):
    return [names[i * (len(names) - 1) // (most - 1)] for i in range(most)] if len(names) > most else names


def digits(value, count):
    """So many digits; nothing for what is no number."""
    return float(f"{value:.{count}g}") if math.isfinite(value) else None


def golden(name):
    row = MODELS[name]
    model = row["make"]()
    macs = macs_at_224(model)
    output64, trained64, loss64, grads64, no_grad, _ = step(model, torch.float64, row)
    output, trained, loss, grads, _, buffers = step(model, torch.float32, row)
    shape = row.get("input", [2, 3, 64, 64])
    names = some(list(grads), 12)
    relative = lambda a, b: digits(abs(a - b) / max(abs(b), 1e-300), 3)
    whole = lambda a, b: digits(((a - b).abs().max() / b.abs().max()).item(), 3)
    values = lambda tensor, begin, end, count: [digits(v, count) for v in tensor.flatten()[begin:end].tolist()]
    return {
        "name": name, "factory": row["factory"], "kwargs": row.get("kwargs", {}), "source": {"repo": row["repo"], "commit": None},
        "torch": torch.__version__, "torchvision": torchvision.__version__, "timm": timm.__version__,
        "params": sum(p.numel() for p in model.parameters()), "params_frozen": 0,
        "input": {"shape": shape, "first": values(fill("__input__", shape), 0, 4, 9)},
        "output": {
            "shape": list(output.shape), "first": values(output, 0, 16, 9), "last": values(output, -4, None, 9),
            "l2": digits(output.norm().item(), 9), "mean": digits(output.mean().item(), 9),
            "max_abs": digits(output.abs().max().item(), 9), "argmax": output.argmax(1).flatten().bincount().tolist() if output.dim() == 4 else output.argmax(1).tolist()},
        "train": {
            "input_shape": shape, "off": row.get("off", {}), **{k: row[k] for k in ("aux_weight",) if k in row},
            "output": {
                "shape": list(trained.shape), "l2": digits(trained.norm().item(), 9),
                "max_abs": digits(trained.abs().max().item(), 9), "first": values(trained, 0, 4, 9)},
            "loss": digits(loss, 9), "grads": [[n, digits(grads[n], 9)] for n in names],
            "grad_l2_all": digits(math.sqrt(sum(g * g for g in grads.values())), 9), "no_grad": no_grad,
            "buffers_after": [[n, digits(buffers[n], 9)] for n in some(list(buffers), 6)]},
        "fp64": {
            "output": {
                "first": values(output64, 0, 8, 14), "last": values(output64, -4, None, 14),
                "l2": digits(output64.norm().item(), 14), "mean": digits(output64.mean().item(), 14)},
            "out_rel": whole(output, output64), "argmax_same": bool((output.argmax(1) == output64.argmax(1)).all()),
            "train": {
                "first": values(trained64, 0, 4, 14), "l2": digits(trained64.norm().item(), 14), "loss": digits(loss64, 14),
                "grads": [digits(grads64[n], 14) for n in names]},
            "train_out_rel": whole(trained, trained64),
            "train_l2_rel": relative(trained.norm().item(), trained64.norm().item()),
            "grad_l2_rel": [relative(grads[n], grads64[n]) for n in names]},
        "macs_224": macs, "flops_repo": None, "other": [],
        "state_dict": [[key, list(value.shape)] for key, value in model.state_dict().items()],
    }


def main(out, *names):
    torch.manual_seed(0)
    for name in names or MODELS:
        file = pathlib.Path(out) / f"{name}.json"
        file.write_text(json.dumps(golden(name)) + "\n")
        print(file)


main(*sys.argv[1:])
