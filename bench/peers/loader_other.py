"""Loads training batches with other libraries, on request: `run N` on standard input loads N batches of 50.

usage: loader_other.py FOLDER opencv|mlx|dali
Each as its documentation writes an ImageNet pipeline, on one thread, and without antialiasing where that is its default.
"""
import json
import math
import os
import random
import sys
import time

import numpy

MEAN = numpy.array((0.485, 0.456, 0.406), numpy.float32)
STD = numpy.array((0.229, 0.224, 0.225), numpy.float32)
BATCH, SIZE = 50, 224


def files_of(folder):
    return sorted(os.path.join(top, name) for top, _, names in os.walk(folder) for name in names)


def random_box(height, width):
    """Top, left, height and width of torchvision's RandomResizedCrop."""
    for _ in range(10):
        area = height * width * random.uniform(0.08, 1)
        ratio = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
        wide, high = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < wide <= width and 0 < high <= height:
            return random.randint(0, height - high), random.randint(0, width - wide), high, wide
    side = min(height, width)
    return (height - side) // 2, (width - side) // 2, side, side


def opencv(folder):
    import cv2
    cv2.setNumThreads(1)
    files = files_of(folder)
    while True:
        random.shuffle(files)
        for first in range(0, len(files) - BATCH + 1, BATCH):
            batch = numpy.empty((BATCH, SIZE, SIZE, 3), numpy.float32)
            for row, file in enumerate(files[first:first + BATCH]):
                image = cv2.cvtColor(cv2.imread(file), cv2.COLOR_BGR2RGB)
                top, left, high, wide = random_box(*image.shape[:2])
                image = cv2.resize(image[top:top + high, left:left + wide], (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)
                if random.random() < 0.5:
                    image = cv2.flip(image, 1)
                batch[row] = (image.astype(numpy.float32) / 255 - MEAN) / STD
            yield len(batch)


def mlx(folder):
    import mlx.data
    samples = [{"file": file.encode()} for file in files_of(folder)]
    while True:
        stream = (mlx.data.buffer_from_vector(samples).shuffle().to_stream().load_image("file", output_key="image")
                  .image_random_area_crop("image", (0.08, 1.0), (3 / 4, 4 / 3)).image_resize("image", SIZE, SIZE)
                  .image_random_h_flip("image", prob=0.5)
                  .key_transform("image", lambda x: (x.astype(numpy.float32) / 255 - MEAN) / STD).batch(BATCH))
        for batch in stream:
            yield len(batch["image"])


def dali(folder):
    from nvidia.dali import fn, pipeline_def, types

    @pipeline_def(batch_size=BATCH, num_threads=1, device_id=None, seed=1)
    def pipeline():
        encoded, _ = fn.readers.file(file_root=folder, random_shuffle=True)
        images = fn.decoders.image_random_crop(encoded, device="cpu", random_area=(0.08, 1.0),
                                               random_aspect_ratio=(3 / 4, 4 / 3))
        images = fn.resize(images, resize_x=SIZE, resize_y=SIZE)
        return fn.crop_mirror_normalize(images, dtype=types.FLOAT, output_layout="HWC", mean=list(255 * MEAN),
                                        std=list(255 * STD), mirror=fn.random.coin_flip())

    made = pipeline()
    made.build()
    while True:
        yield len(made.run()[0])


def main():
    folder, kind = sys.argv[1:]
    random.seed(1)
    batches = {"opencv": opencv, "mlx": mlx, "dali": dali}[kind](folder)
    for line in sys.stdin:
        count = int(line.split()[1])
        began = time.process_time()
        images = sum(next(batches) for _ in range(count))
        print(json.dumps({"cpu_seconds": time.process_time() - began, "images": images}), flush=True)


main()
