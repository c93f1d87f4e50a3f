#!/usr/bin/env python3
"""Makes damaged.json: what Pillow makes of damaged JPEGs, each a file of files/ with some bytes put in the place of others.

    .venv-pillow13/bin/python tests/image/make_damaged.py

A row says: the file, how many of its bytes are kept, the bytes (hexadecimal, and how often) that follow, where the file goes on
(absent: it ends), and the digest of Pillow's RGB pixels as in make_fixtures.py, or null where Pillow refuses the result. Files whose
luma has two rows of blocks a unit and whose scans are incomplete are left out: libjpeg-turbo 2.1 and 3.2 smooth them differently.
"""
import hashlib
import io
import json
import pathlib
import random
import re

import numpy as np
import PIL
from PIL import Image

HERE = pathlib.Path(__file__).parent


def damaged(data, keep, insert, times, resume):
    return data[:keep] + bytes.fromhex(insert) * times + (b"" if resume is None else data[resume:])


def result_of(data):
    try:
        image = Image.open(io.BytesIO(data)).convert("RGB")
    except (OSError, SyntaxError):
        return None
    return hashlib.sha256(np.asarray(image).tobytes()).hexdigest()[:16]


def changes(data, noise):
    scan, size = data.index(b"\xff\xda"), len(data)
    for keep in [*range(scan + 20, size, size // 9), size - 2, size - 1]:
        yield keep, "", 0, None
        yield keep, "ffd9", 1, None
        yield keep, "00", 500, None
    yield size - 2, "00", 70000, None
    yield scan + 300, "5a", 100, None
    for marker in re.finditer(b"\xff[\xd0-\xd7]", data):
        if marker.start() > scan and noise.random() < 0.2:
            yield marker.start(), "", 0, marker.end()
            yield marker.start(), f"ffd{noise.randrange(8)}", 1, marker.end()
            yield marker.start(), "ffd3", 1, marker.start()
    for _ in range(12):
        at = noise.randrange(scan + 14, size - 2)
        yield at, f"{noise.randrange(256):02x}", 1, at + 1
        yield at, "", 0, min(at + noise.randrange(1, 40), size)
    for junk in ("ff", "00", "ff00", "616263", "ff01", "ffffff", "ffc800", "ffe0000a4a46494600", "ffee00084164 6f626500".replace(" ", "")):
        yield 2, junk, 1, 2
        yield scan, junk, 1, scan


def main():
    rows = []
    noise = random.Random(5)
    for name in ("420.jpg", "444.jpg", "422.jpg", "grey.jpg", "cmyk.jpg", "restarts.jpg"):
        data = (HERE / "files" / name).read_bytes()
        for keep, insert, times, resume in changes(data, noise):
            rows.append({"file": name, "keep": keep, "insert": insert, "times": times, "resume": resume,
                         "digest": result_of(damaged(data, keep, insert, times, resume))})
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    (HERE / "damaged.json").write_text(f'{{"made_by":"Pillow {PIL.__version__}","rows":[\n{lines}\n]}}\n')
    print(len(rows), "rows,", sum(row["digest"] is not None for row in rows), "that Pillow reads")


if __name__ == "__main__":
    main()
