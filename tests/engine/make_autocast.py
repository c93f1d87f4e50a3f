"""Makes fixtures/autocast.json: what eager PyTorch computes under torch.autocast on the CPU.

python make_autocast.py; needs torch and torchvision. Parameters and inputs are filled from their names as in the golden files
(tests/golden/fill.py), rounded to float32. `nets`: outputs in training and a few values of some gradients, in float32 and under autocast;
a gradient is that of sum(output * target). `ops`: the types of outputs by kind of op, for each type of input, under bfloat16 and float16.
"""

import importlib.util
import json
import pathlib

import torch
import torchvision
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).resolve().parent
spec = importlib.util.spec_from_file_location("make_fill", HERE.parent / "golden" / "fill.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
fill = module.fill

TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
NETS = {"resnet18": 10, "mobilenet_v2": 10, "regnet_y_400mf": 10}
SHAPE = [8, 3, 64, 64]
SAMPLES, PARAMETERS = 24, 12


def sample(tensor):
    """Evenly spaced values, in row-major order."""
    flat = tensor.detach().float().contiguous().flatten()
    return flat[:: max(1, flat.numel() // SAMPLES)][:SAMPLES].tolist()


def run(name, classes, precision):
    model = torchvision.models.get_model(name, num_classes=classes, weights=None).train()
    for m in model.modules():
        if isinstance(m, nn.Dropout):
            m.p = 0.0
    with torch.no_grad():
        for key, value in model.state_dict().items():
            value.copy_(fill(key, value.shape))
    with torch.autocast("cpu", TYPES[precision] if precision != "fp32" else torch.bfloat16, enabled=precision != "fp32"):
        y = model(fill("__input__", SHAPE).float())
    y = y.float()
    (y * fill("__target__", y.shape).float()).sum().backward()
    wide = [(key, p) for key, p in model.named_parameters() if p.dim() >= 2]
    chosen = wide[:: max(1, len(wide) // PARAMETERS)]
    stats = [(key, b) for key, b in model.named_buffers() if key.endswith("running_var")][-1]
    return {"output": y.flatten().tolist(), "gradients": {key: sample(p.grad) for key, p in chosen}, "running": {stats[0]: sample(stats[1])}}


def ops():
    """By name: a function of x (2,8,6,6) and its parameters, which stay float32."""
    one, two = torch.ones(8), torch.ones(8, 8)
    conv, grouped = torch.ones(8, 8, 3, 3), torch.ones(8, 4, 3, 3)
    up = torch.ones(8, 8, 2, 2)
    return {
        "conv2d": lambda x: F.conv2d(x, conv, padding=1),
        "grouped_conv2d": lambda x: F.conv2d(x, grouped, padding=1, groups=2),
        "depthwise_conv2d": lambda x: F.conv2d(x, torch.ones(8, 1, 3, 3), padding=1, groups=8),
        "conv_transpose2d": lambda x: F.conv_transpose2d(x, up, stride=2),
        "batch_norm": lambda x: F.batch_norm(x, one.clone(), one.clone(), one, one, True),
        "batch_norm_eval": lambda x: F.batch_norm(x, one.clone(), one.clone(), one, one, False),
        "instance_norm": lambda x: F.instance_norm(x, None, None, one, one),
        "linear": lambda x: F.linear(x.mean((2, 3)), two, one),
        "relu": F.relu,
        "relu6": F.relu6,
        "sigmoid": torch.sigmoid,
        "silu": F.silu,
        "hardswish": F.hardswish,
        "hardsigmoid": F.hardsigmoid,
        "max_pool": lambda x: F.max_pool2d(x, 3, 2, 1),
        "avg_pool": lambda x: F.avg_pool2d(x, 2),
        "global_pool": lambda x: F.adaptive_avg_pool2d(x, 1),
        "flatten": lambda x: x.flatten(1),
        "add": lambda x: x + x,
        "gate": lambda x: x * torch.sigmoid(x),
        "concat": lambda x: torch.cat([x, F.conv2d(x, conv, padding=1)], 1),
        "add_types": lambda x: x + F.conv2d(x, conv, padding=1),
        "pad_even": lambda x: F.pad(x[:, :, :5, :5], (0, 1, 0, 1), mode="replicate"),
        "upsample": lambda x: F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False),
        "upsample_nearest": lambda x: F.interpolate(x, scale_factor=2, mode="nearest"),
        "log_softmax": lambda x: F.log_softmax(x.flatten(1), 1),
        "pad_channels": lambda x: F.pad(x, (0, 0, 0, 0, 4, 4)),
        "radix_softmax": lambda x: F.softmax(x.view(2, 2, 144), 1).view(2, 8, 6, 6),
        "channel_scale": lambda x: x * one.view(1, 8, 1, 1) + one.view(1, 8, 1, 1),
    }


def op_types():
    table = {}
    for name, op in ops().items():
        table[name] = {}
        for precision in ("bf16", "fp16"):
            for given in ("fp32", precision):
                with torch.autocast("cpu", TYPES[precision]):
                    made = op(torch.ones(2, 8, 6, 6, dtype=TYPES[given])).dtype
                table[name][f"{given} under {precision}"] = next(key for key, value in TYPES.items() if value == made)
    return table


def main():
    nets = {}
    for name, classes in NETS.items():
        nets[name] = {precision: run(name, classes, precision) for precision in ("fp32", "bf16", "fp16")}
        for precision in ("bf16", "fp16"):
            a, b = torch.tensor(nets[name][precision]["output"]), torch.tensor(nets[name]["fp32"]["output"])
            print(name, precision, "noise of the output", ((a - b).norm() / b.norm()).item())
    document = {"torch": torch.__version__, "shape": SHAPE, "classes": 10, "samples": SAMPLES, "nets": nets, "ops": op_types()}
    text = json.dumps(document, indent=1)
    (HERE / "fixtures" / "autocast.json").write_text(text + "\n")


main()
