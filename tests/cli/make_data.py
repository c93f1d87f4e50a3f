"""Makes what the cases work on: make_data.py PROGRAM FOLDER. Small images of three brightnesses and a net that tells them apart.

    days/               IDX, 24 + 10 grey images of 16 x 16; classes night, noon, dusk, in this order
    photos/train, val/  PNG of 20 x 20; the validation images show dusk and night only
    coco/               MS-COCO's layout: six training images, one without objects, four validation images
    voc/                VOC's layout: four training images with masks of three classes, two validation images
    files/              one image of each kind that tests/image has
    small.toml          the recipe of a run of a second
    day.safetensors     a ResNet-20 that is right on all of days; run/ is its run
    bare.safetensors    its tensors alone
    near.safetensors    the same with one tensor under another name
    squares/            tags/ and shapes/ (make_squares.py) with one more class, blue, that nothing has
    tags.safetensors    labels of squares/tags, and shapes.safetensors masks of squares/shapes, trained for a moment
"""

import json
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import zlib

import make_squares
import one_core

TESTS = pathlib.Path(__file__).resolve().parents[1]
BRIGHTNESS = {"night": 20, "noon": 235, "dusk": 128}  # classes.txt keeps this order
NOISE = random.Random(7)
TRAIN = ("train --recipe small.toml --data days --out run --epochs 12 --crop none --crop-ratio 1 --mean 0.5 --std 0.25 "
         "--lr 0.05 --weight-decay 0 --quiet").split()


def pixels(name, count):
    return bytes(BRIGHTNESS[name] + NOISE.randint(-20, 20) for _ in range(count))


def png(width, height, rgb):
    """An RGB image of 8 bits; `rgb` may be shorter than the size says."""
    return png_of(width, height, rgb, 3, 2)


def mask_png(width, height, indices):
    """Indices of a palette."""
    return png_of(width, height, indices, 1, 3, ((b"PLTE", bytes(range(256)) * 3),))


def png_of(width, height, pixels, channels, colour, more=()):
    step = channels * width
    rows = b"".join(b"\0" + pixels[at:at + step] for at in range(0, len(pixels), step))
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)), *more, (b"IDAT", zlib.compress(rows)),
              (b"IEND", b""))
    body = b"".join(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
                    for kind, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + body


def make_idx(folder):
    folder.mkdir(parents=True)
    names = list(BRIGHTNESS)
    (folder / "classes.txt").write_text("".join(name + "\n" for name in names))
    for split, count in (("train", 24), ("t10k", 10)):
        labels = [i % 3 for i in range(count)]
        images = b"".join(pixels(names[label], 16 * 16) for label in labels)
        (folder / f"{split}-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 0x803, count, 16, 16) + images)
        (folder / f"{split}-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, count) + bytes(labels))


def make_photos(folder):
    for place, count in (("train/dusk", 4), ("train/night", 4), ("train/noon", 4), ("val/dusk", 2), ("val/night", 3)):
        (folder / place).mkdir(parents=True)
        for i in range(count):
            grey = pixels(pathlib.Path(place).name, 20 * 20)
            (folder / place / f"{i}.png").write_bytes(png(20, 20, b"".join(bytes([v] * 3) for v in grey)))


def grey_png(name, side=20):
    return png(side, side, b"".join(bytes([v] * 3) for v in pixels(name, side * side)))


def make_coco(folder):
    """Each image shows the class of its brightness, at an area of its own; the last one of `train` shows nothing."""
    names = list(BRIGHTNESS)
    (folder / "annotations").mkdir(parents=True)
    for part, count in (("train2014", 6), ("val2014", 4)):
        (folder / part).mkdir()
        images, objects = [], []
        for i in range(count):
            (folder / part / f"{i}.png").write_bytes(grey_png(names[i % 3]))
            images.append({"id": 10 + i, "file_name": f"{i}.png", "height": 20, "width": 20})
            if i < 5:
                objects.append({"id": i, "image_id": 10 + i, "category_id": 7 - 2 * (i % 3), "area": 600 * 4**i,
                                "bbox": [1, 2, 10, 18], "iscrowd": int(i == 2), "segmentation": [[1, 2, 11, 2, 11, 20]]})
        text = {"images": images, "annotations": objects,
                "categories": [{"id": 7 - 2 * c, "name": name} for c, name in enumerate(names)]}
        (folder / "annotations" / f"instances_{part}.json").write_text(json.dumps(text))


def make_voc(folder):
    """The left half of each mask is of a class, the right one background, the last column ignored."""
    voc = folder / "VOC2012"
    for name in ("JPEGImages", "SegmentationClass", "list"):
        (voc / name).mkdir(parents=True)
    (voc / "classes.txt").write_text("ground\nnight\nnoon\n")
    for part, count in (("train_aug", 4), ("val", 2)):
        lines = []
        for i in range(count):
            name = f"{part}{i}.png"
            (voc / "JPEGImages" / name).write_bytes(grey_png(("night", "noon")[i % 2]))
            row = bytes([1 + i % 2] * 10 + [0] * 9 + [255])
            (voc / "SegmentationClass" / name).write_bytes(mask_png(20, 20, row * 20))
            lines.append(f"/JPEGImages/{name} /SegmentationClass/{name}\r\n")
        (voc / "list" / f"{part}.txt").write_bytes("".join(lines).encode())


def write_safetensors(path, header, data):
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def make_bare(released, bare, near):
    content = released.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:8 + size])
    del header["__metadata__"]
    write_safetensors(bare, header, content[8 + size:])
    header["fc.offset"] = header.pop("fc.bias")
    write_safetensors(near, header, content[8 + size:])


SQUARES = {
    "tags": "train --model resnet20 --size 24 --fit squash --batch-size 4 --data labels:squares/tags --out tags_run --epochs 12 --crop none "
            "--lr 0.05 --weight-decay 0 --quiet",
    "shapes": "train --model resnext_small_seg --size 32 --batch-size 4 --data masks:squares/shapes --out shapes_run --epochs 4 "
              "--optimizer adamw --lr 2e-3 --joint-scale-min 1 --joint-scale-max 1 --quiet",
}


def make_nets_of_squares(program, folder):
    make_squares.main(folder / "squares")
    for name, command in SQUARES.items():
        with open(folder / "squares" / name / "classes.txt", "a") as classes:
            classes.write("blue\n")
        subprocess.run([program, *command.split()], cwd=folder, stdout=subprocess.DEVNULL, check=True)
        shutil.copy(folder / f"{name}_run/weights.safetensors", folder / f"{name}.safetensors")


def main(program, folder):
    one_core.pin()
    program, folder = pathlib.Path(program).resolve(), pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    make_idx(folder / "days")
    make_photos(folder / "photos")
    make_coco(folder / "coco")
    make_voc(folder / "voc")
    shutil.copytree(TESTS / "image/files", folder / "files")
    shutil.copy(TESTS / "cli/small.toml", folder)
    (folder / "files/huge.png").write_bytes(png(60000, 60000, b"\0" * 180000))
    (folder / "files/boast.png").write_bytes(png(12000, 12000, b"\0" * 36000))
    done = subprocess.run([program, *TRAIN], cwd=folder, stdout=subprocess.PIPE, text=True, check=True)
    if "top1=100.00" not in done.stdout:
        sys.exit("make_data: the net does not tell night, noon and dusk apart\n" + done.stdout)
    shutil.copy(folder / "run/weights.safetensors", folder / "day.safetensors")
    make_nets_of_squares(program, folder)
    make_bare(folder / "day.safetensors", folder / "bare.safetensors", folder / "near.safetensors")


if __name__ == "__main__":
    main(*sys.argv[1:])
