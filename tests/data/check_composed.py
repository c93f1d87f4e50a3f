"""Reads what `data compose` wrote as other programs do, and counts all of it anew: check_composed.py FOLDER BAND.

Fails where an area, a box, a run-length mask or a mask's ignore band is not what the pixels say. Prints a line a part.
"""
import json
import pathlib
import sys

import numpy as np
from PIL import Image

IGNORED = 255


def decoded(segmentation):
    """The mask of COCO's uncompressed run lengths: column by column, outside first."""
    height, width = segmentation["size"]
    values = np.arange(len(segmentation["counts"])) % 2
    flat = np.repeat(values, segmentation["counts"])
    assert flat.size == height * width, "the run lengths do not add up"
    return flat.reshape(width, height).T.astype(bool)


def check_object(annotation, mask):
    rows, columns = np.nonzero(mask)
    assert annotation["area"] == mask.sum() > 0
    assert annotation["bbox"] == [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]
    assert len(annotation["cutouts"]) == 1 or annotation["iscrowd"] == 1


def expected_mask(shape, objects, band):
    """The classes of all pixels, and 255 near other objects' pixels."""
    owner = np.full(shape, -1)
    for number, (_, mask) in enumerate(objects):
        assert (owner[mask] == -1).all(), "two objects hold one pixel"
        owner[mask] = number
    classes = np.zeros(shape, int)
    near = np.zeros(shape, bool)
    padded = np.pad(owner, band, constant_values=-1)
    for number, (annotation, mask) in enumerate(objects):
        classes[mask] = annotation["category_id"]
    for down in range(-band, band + 1):
        for across in range(-band, band + 1):
            if down * down + across * across <= band * band:
                other = padded[band + down:band + down + shape[0], band + across:band + across + shape[1]]
                near |= (other >= 0) & (other != owner)
    classes[near] = IGNORED
    return classes


def voc_colours():
    index = np.arange(256)
    return np.stack([sum((index >> (3 * bit + channel) & 1) << (7 - bit) for bit in range(8)) for channel in range(3)], 1)


def check_part(folder, part, band):
    instances = json.loads((folder / f"coco/annotations/instances_{part}2014.json").read_text())
    voc = folder / "VOCdevkit/VOC2012"
    pairs = (voc / f"list/{'train_aug' if part == 'train' else part}.txt").read_text().splitlines()
    names = (voc / f"ImageSets/Segmentation/{part}.txt").read_text().splitlines()
    assert [category["name"] for category in instances["categories"]] == (voc / "classes.txt").read_text().splitlines()[1:]
    assert len(pairs) == len(names) == len(instances["images"])
    by_image = {image["id"]: [] for image in instances["images"]}
    for annotation in instances["annotations"]:
        mask = decoded(annotation["segmentation"])
        check_object(annotation, mask)
        by_image[annotation["image_id"]].append((annotation, mask))
    for image, pair, name in zip(instances["images"], pairs, names):
        photo, mask = (voc / path.lstrip("/") for path in pair.split())
        assert photo.stem == mask.stem == name
        assert photo.read_bytes() == (folder / f"coco/{part}2014" / image["file_name"]).read_bytes()
        with Image.open(photo) as opened:
            assert (opened.height, opened.width, opened.mode) == (image["height"], image["width"], "RGB")
        indices = Image.open(mask)
        assert indices.mode == "P"
        assert (np.array(indices.getpalette()).reshape(-1, 3) == voc_colours()).all()
        shape = (image["height"], image["width"])
        assert (np.array(indices) == expected_mask(shape, by_image[image["id"]], band)).all(), mask
    print(f"{part}: {len(instances['annotations'])} objects in {len(names)} images")
    return {annotation["id"] for annotation in instances["annotations"]}


def main(folder, band):
    ids = [check_part(pathlib.Path(folder), part, int(band)) for part in ("train", "val")]
    assert not ids[0] & ids[1], "an id twice"


if __name__ == "__main__":
    main(*sys.argv[1:])
