"""Makes a folder of 200 ImageNet-like JPEGs (CLASS/IMAGE.jpg) from the photographs that packages carry.

usage: make_photos.py FOLDER
Photographs: scikit-image, scikit-learn, and the stamps of Debian's tuxpaint-stamps-default, pasted on crops of them.
As in ImageNet: about 500x375, about 110 KB (0.54 bytes a pixel), 165 with 4:2:0 chroma, 24 4:4:4, 9 4:2:2, 2 grey, and 10
of all progressive. The same files come out each time.
"""
import io
import pathlib
import random
import sys

import numpy as np
import skimage
import sklearn
from PIL import Image

SIZES = [(500, 375)] * 9 + [(375, 500)] * 4 + [(500, 333)] * 3 + [(333, 500)] * 2 + [(640, 480)] * 2 + [(400, 300), (500, 500), (800, 600), (300, 225)]
PHOTOS = ["astronaut.png", "chelsea.png", "coffee.png", "hubble_deep_field.jpg", "motorcycle_left.png", "motorcycle_right.png", "retina.jpg", "rocket.jpg"]
STAMPS = pathlib.Path("/usr/share/tuxpaint/stamps")


def photographs():
    folder = pathlib.Path(skimage.__file__).parent / "data"
    paths = [folder / name for name in PHOTOS]
    paths += sorted((pathlib.Path(sklearn.__file__).parent / "datasets" / "images").glob("*.jpg"))
    return [Image.open(path).convert("RGB") for path in paths]


def stamps():
    found = [Image.open(path) for path in sorted(STAMPS.rglob("*.png"))]
    if not found:
        sys.exit("make_photos: no stamps found; apt-get install tuxpaint-stamps-default")
    return [stamp.convert("RGBA") for stamp in found if stamp.width * stamp.height >= 250 * 200]


def scene(rng, photos, stickers, size):
    """A random part of a photograph with up to two stamps on it, and a sensor's noise."""
    photo = rng.choice(photos)
    share = rng.uniform(0.6, 1)
    width, height = size
    scale = min(photo.width / width, photo.height / height) * share
    part = (round(width * scale), round(height * scale))
    left, top = rng.randint(0, photo.width - part[0]), rng.randint(0, photo.height - part[1])
    image = photo.resize(size, Image.Resampling.BICUBIC, box=(left, top, left + part[0], top + part[1]))
    for _ in range(rng.randint(0, 2)):
        stamp = rng.choice(stickers)
        stamp = stamp.copy()
        stamp.thumbnail((width * 2 // 3, height * 2 // 3))
        image.paste(stamp, (rng.randint(0, width - stamp.width), rng.randint(0, height - stamp.height)), stamp)
    noise = np.random.default_rng(rng.randrange(2**32)).normal(0, 3, (height, width, 3))
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


def encode(image, target, **options):
    """The quality, 50 to 97, that comes nearest to the size."""
    low, high = 50, 97
    while True:
        quality = (low + high) // 2
        data = io.BytesIO()
        image.save(data, "JPEG", quality=quality, **options)
        if low >= high:
            return data.getvalue()
        low, high = (quality + 1, high) if data.tell() < target else (low, quality)


def kinds(rng):
    subsamplings = [2] * 165 + [0] * 24 + [1] * 9 + [None] * 2
    progressive = [True] * 10 + [False] * 190
    rng.shuffle(subsamplings)
    rng.shuffle(progressive)
    return list(zip(subsamplings, progressive))


def main():
    folder = pathlib.Path(sys.argv[1])
    rng = random.Random(20190616)
    photos, stickers = photographs(), stamps()
    sizes, pixels = [], []
    for number, (subsampling, progressive) in enumerate(kinds(rng)):
        image = scene(rng, photos, stickers, rng.choice(SIZES))
        target = image.width * image.height * min(max(rng.lognormvariate(-0.68, 0.35), 0.2), 1.1)
        if subsampling is None:
            image = image.convert("L")
        options = {} if subsampling is None else {"subsampling": subsampling}
        path = folder / f"class{number % 4}" / f"{number:03}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(image, target, progressive=progressive, **options))
        sizes.append(path.stat().st_size)
        pixels.append(image.width * image.height)
    count = len(sizes)
    print(f"{count} JPEGs in {folder}: mean {sum(sizes) / count / 1000:.0f} KB, {sum(pixels) / count / 1000:.0f}k pixels, "
          f"{sum(sizes) / sum(pixels):.2f} bytes a pixel")


main()
