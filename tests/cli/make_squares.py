"""Makes small data of squares: make_squares.py FOLDER [COUNT]. Picture i shows a red square where i & 1, a green one where i & 2.

    tags/     train.csv and val.csv: each picture, and the colours that it shows (some show none)
    shapes/   train/ and val/ with images/ and masks/: background, red, green; a square's edge is 255
"""

import pathlib
import random
import struct
import sys
import zlib

SIDE = 8
COLOURS = {"red": (250, 20, 20), "green": (20, 250, 20)}


def png(width, height, channels, rows):
    kind = {1: 0, 3: 2}[channels]
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)),
              (b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks)


def picture(i, draw):
    """Rows of (red, green, blue), rows of class indices, and what is shown."""
    height, width = 24 + i % 4, 26 + i % 3
    image = [[(draw.randrange(90, 130),) * 3 for _ in range(width)] for _ in range(height)]
    mask = [[0] * width for _ in range(height)]
    shown = []
    for bit, (name, colour) in enumerate(COLOURS.items()):
        top, left = draw.randrange(height - SIDE), draw.randrange(width - SIDE)
        if not i >> bit & 1:
            continue
        shown.append(name)
        for y in range(SIDE):
            for x in range(SIDE):
                edge = y in (0, SIDE - 1) or x in (0, SIDE - 1)
                image[top + y][left + x], mask[top + y][left + x] = colour, 255 if edge else bit + 1
    return image, mask, shown


def main(folder, count=24):
    folder, draw = pathlib.Path(folder), random.Random(3)
    for part, images in (("train", int(count)), ("val", 8)):
        rows = ["image,labels"]
        for i in range(images):
            image, mask, shown = picture(i, draw)
            colours = png(len(image[0]), len(image), 3, [b"".join(bytes(p) for p in row) for row in image])
            for place, data in ((f"tags/{part}", colours), (f"shapes/{part}/images", colours),
                                (f"shapes/{part}/masks", png(len(mask[0]), len(mask), 1, [bytes(row) for row in mask]))):
                (folder / place).mkdir(parents=True, exist_ok=True)
                (folder / place / f"{i:02}.png").write_bytes(data)
            rows.append(f"{i:02}.png,{';'.join(shown)}")
        (folder / f"tags/{part}.csv").write_text("\n".join(rows) + "\n")
    (folder / "tags/classes.txt").write_text("red\ngreen\n")
    (folder / "shapes/classes.txt").write_text("background\nred\ngreen\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
