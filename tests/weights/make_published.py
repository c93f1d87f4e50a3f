"""Writes fixtures/published.json: the state dicts of timm's and torchvision's networks, to test the key maps with.

    pip install torch torchvision==0.28.0 timm==1.0.31 efficientnet-lite-pytorch==0.1.0
    python make_published.py

For each network: FNV-1a 64 over the sorted `key:elements\\n` lines of its state dict (num_batches_tracked left out), how many
there are, and for some the first logits of float64 inference on 64 x 64 pixels when everything is filled from its name as the
golden files say (tests/golden).
"""

import json
import pathlib
import re

import numpy as np
import timm
import torch
import torchvision
from efficientnet_lite_pytorch import EfficientNet

HERE = pathlib.Path(__file__).resolve().parent
TIMM = {f"efficientnet_b{i}": f"efficientnet_b{i}" for i in range(5)}
TIMM |= {"mobilenetv2_100": "mobilenet_v2"}
TIMM |= {"mnasnet_050": "mnasnet0_5", "mnasnet_075": "mnasnet0_75", "mnasnet_100": "mnasnet1_0"}
TIMM |= {name + suffix: name + suffix for name in ("vgg11", "vgg13", "vgg16", "vgg19") for suffix in ("", "_bn")}
SIZES = {"002": "200mf", "004": "400mf", "006": "600mf", "008": "800mf", "016": "1_6gf", "032": "3_2gf", "040": "4gf",
         "064": "6_4gf", "080": "8gf", "120": "12gf", "160": "16gf", "320": "32gf"}
TIMM |= {f"regnet{kind}_{size}": f"regnet_{kind}_{ours}" for kind in "xy" for size, ours in SIZES.items()}
for other in ("regnetx_004", "regnety_008", "regnety_080"):  # timm rounds these widths otherwise than torchvision
    del TIMM[other]
WITH_LOGITS = {"efficientnet_b0", "mobilenetv2_100", "mnasnet_100", "regnetx_002", "regnety_002",
               "efficientnet-lite0"}


def fnv1a64(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def fill(key, shape):
    count = int(np.prod(shape, dtype=np.int64))
    with np.errstate(over="ignore"):
        z = np.uint64(fnv1a64(key.encode())) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    u = ((z ^ (z >> np.uint64(31))) >> np.uint64(40)).astype(np.float64) / 2**24
    if key == "__input__":
        values = (2 * u - 1) * 2
    elif key.endswith("running_var"):
        values = 0.5 + u
    elif key.endswith("running_mean"):
        values = 0.2 * (u - 0.5)
    elif len(shape) >= 2:
        values = (2 * u - 1) * np.sqrt(3 / np.prod(shape[1:])) * np.sqrt(2)
    else:
        values = 0.5 + u if key.endswith("weight") else 0.2 * (u - 0.5)
    return torch.from_numpy(values.astype(np.float32).astype(np.float64).reshape(shape))


def logits(net):
    net = net.double().eval()
    filled = {key: torch.zeros((), dtype=torch.int64) if key.endswith("tracked") else fill(key, tuple(value.shape))
              for key, value in net.state_dict().items()}
    net.load_state_dict(filled)
    with torch.no_grad():
        return [float(f"{value:.12g}") for value in net(fill("__input__", (2, 3, 64, 64)))[0, :8]]


def row(publisher, factory, model, net, keys=None):
    items = [(key, value.numel()) for key, value in net.state_dict().items() if not key.endswith("num_batches_tracked")]
    if keys is not None:
        items = [(keys(key), elements) for key, elements in items]
    text = "".join(f"{key}:{elements}\n" for key, elements in sorted(items))
    result = {"publisher": publisher, "factory": factory, "model": model, "tensors": len(items),
              "fnv1a64": f"{fnv1a64(text.encode()):016x}"}
    if factory in WITH_LOGITS:
        result["logits"] = logits(net)
    return result


def old_densenet(key):
    """The names in the files that torchvision publishes: its own pattern, the other way round."""
    return re.sub(r"(denselayer\d+\.(?:norm|conv))(\d)", r"\1.\2", key)


def main():
    rows = [row("timm", factory, model, timm.create_model(factory)) for factory, model in TIMM.items()]
    for i in range(3):
        rows.append(row("EfficientNet-PyTorch", f"efficientnet-lite{i}", f"efficientnet_lite{i}",
                        EfficientNet.from_name(f"efficientnet-lite{i}")))
    for name in ("densenet121", "densenet161", "densenet169", "densenet201"):
        rows.append(row("torchvision's published files", name, name, getattr(torchvision.models, name)(), old_densenet))
    for name in ("googlenet", "inception_v3"):
        rows.append(row("torchvision's published files", name, name,
                        getattr(torchvision.models, name)(aux_logits=True, init_weights=False)))
    lines = ",\n".join(" " + json.dumps(item) for item in rows)
    (HERE / "fixtures/published.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
