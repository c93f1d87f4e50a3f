"""Loads training batches with FFCV, on request: `run N` on standard input loads N batches of 50.

usage: loader_ffcv.py FOLDER jpeg|raw FILE
FILE is written first, when it is not there: of the images as JPEGs (as the writer's example for ImageNet has them: coded
anew, quality 90) or as raw pixels. The pipeline is that of FFCV's ImageNet example, on one thread, normalising to float32.
"""
import json
import os
import sys
import time

import numpy
from ffcv.fields import IntField, RGBImageField
from ffcv.fields.basics import IntDecoder
from ffcv.fields.rgb_image import RandomResizedCropRGBImageDecoder
from ffcv.loader import Loader, OrderOption
from ffcv.transforms import NormalizeImage, RandomHorizontalFlip
from ffcv.writer import DatasetWriter

MEAN = numpy.array((0.485, 0.456, 0.406)) * 255
STD = numpy.array((0.229, 0.224, 0.225)) * 255


class Images:
    def __init__(self, folder):
        self.files = sorted(os.path.join(top, name) for top, _, names in os.walk(folder) for name in names)

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        from PIL import Image
        return numpy.array(Image.open(self.files[index]).convert("RGB")), index


def write(folder, kind, file):
    mode = {"jpeg": {"write_mode": "jpg", "jpeg_quality": 90}, "raw": {"write_mode": "raw"}}[kind]
    DatasetWriter(file + ".part", {"image": RGBImageField(**mode), "label": IntField()}, num_workers=1).from_indexed_dataset(
        Images(folder))
    os.rename(file + ".part", file)


def batches(file):
    loader = Loader(file, batch_size=50, num_workers=1, order=OrderOption.RANDOM, os_cache=True, drop_last=True, pipelines={
        "image": [RandomResizedCropRGBImageDecoder((224, 224)), RandomHorizontalFlip(), NormalizeImage(MEAN, STD, numpy.float32)],
        "label": [IntDecoder()]})
    while True:
        for images, _ in loader:
            yield len(images)


def main():
    folder, kind, file = sys.argv[1:]
    if not os.path.exists(file):
        write(folder, kind, file)
    made = batches(file)
    for line in sys.stdin:
        count = int(line.split()[1])
        began = time.process_time()
        images = sum(next(made) for _ in range(count))
        print(json.dumps({"cpu_seconds": time.process_time() - began, "images": images}), flush=True)


main()
