"""Makes a VOC folder (JPEGImages, SegmentationClass, ImageSets/Segmentation) of photographs with masks of ellipses.

usage: make_masks.py PHOTOS VOC_FOLDER
PHOTOS holds CLASS/IMAGE.jpg (make_photos.py). A mask has up to four of VOC's 20 classes, each with a border of 255, and
VOC's palette. The same files come out each time.
"""
import pathlib
import random
import shutil
import sys

from PIL import Image, ImageDraw


def palette():
    """VOC's colours: bits of the index, three by three, from the highest bit of each channel down."""
    colours = []
    for index in range(256):
        colour = [0, 0, 0]
        for bit in range(8):
            for channel in range(3):
                colour[channel] |= (index >> (3 * bit + channel) & 1) << (7 - bit)
        colours += colour
    return colours


def mask(rng, size):
    image = Image.new("P", size, 0)
    image.putpalette(palette())
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(1, 4)):
        width, height = rng.randint(size[0] // 8, size[0] // 2), rng.randint(size[1] // 8, size[1] // 2)
        left, top = rng.randint(0, size[0] - width), rng.randint(0, size[1] - height)
        draw.ellipse((left, top, left + width, top + height), fill=rng.randint(1, 20), outline=255, width=3)
    return image


def main():
    photos, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    for folder in ("JPEGImages", "SegmentationClass", "ImageSets/Segmentation"):
        (out / folder).mkdir(parents=True)
    rng = random.Random(0)
    names = []
    for photo in sorted(photos.rglob("*.jpg")):
        name = f"{photo.parent.name}_{photo.stem}"
        shutil.copyfile(photo, out / "JPEGImages" / f"{name}.jpg")
        mask(rng, Image.open(photo).size).save(out / "SegmentationClass" / f"{name}.png")
        names.append(name)
    for part in ("train", "val"):
        (out / "ImageSets/Segmentation" / f"{part}.txt").write_text("".join(f"{name}\n" for name in names))


main()
