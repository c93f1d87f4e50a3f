"""Makes what the cases work on: make_data.py PROGRAM FOLDER. Small images of three brightnesses and a net that tells them apart.

    days/               IDX, 24 + 10 grey images of 16 x 16; classes night, noon, dusk, in this order
    photos/train, val/  PNG of 20 x 20; the validation images show dusk and night only
    files/              one image of each kind that tests/image has
    small.toml          the recipe of a run of a second
    day.safetensors     a ResNet-20 that is right on all of days; run/ is its run
    bare.safetensors    its tensors alone
    near.safetensors    the same with one tensor under another name
"""

import json
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import zlib

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
    rows = b"".join(b"\0" + rgb[at:at + 3 * width] for at in range(0, len(rgb), 3 * width))
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
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


def main(program, folder):
    one_core.pin()
    program, folder = pathlib.Path(program).resolve(), pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    make_idx(folder / "days")
    make_photos(folder / "photos")
    shutil.copytree(TESTS / "image/files", folder / "files")
    shutil.copy(TESTS / "cli/small.toml", folder)
    (folder / "files/huge.png").write_bytes(png(60000, 60000, b"\0" * 180000))
    (folder / "files/boast.png").write_bytes(png(12000, 12000, b"\0" * 36000))
    done = subprocess.run([program, *TRAIN], cwd=folder, stdout=subprocess.PIPE, text=True, check=True)
    if "top1=100.00" not in done.stdout:
        sys.exit("make_data: the net does not tell night, noon and dusk apart\n" + done.stdout)
    shutil.copy(folder / "run/weights.safetensors", folder / "day.safetensors")
    make_bare(folder / "day.safetensors", folder / "bare.safetensors", folder / "near.safetensors")


if __name__ == "__main__":
    main(*sys.argv[1:])
