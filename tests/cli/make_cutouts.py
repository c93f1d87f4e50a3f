"""Makes cut-outs for `data compose`: make_cutouts.py FOLDER writes discs and squares of several colours on nothing, as PNGs with alpha."""

import pathlib
import struct
import sys
import zlib

SIDE = 40


def png(colour, inside):
    """RGBA of 8 bits, opaque where `inside(y, x)`."""
    rows = b"".join(b"\0" + b"".join(bytes([*colour, 255 if inside(y, x) else 0]) for x in range(SIDE)) for y in range(SIDE))
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 6, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    body = b"".join(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + body


def main(folder):
    shapes = {"discs": lambda y, x: (y - 20) ** 2 + (x - 20) ** 2 < 300, "squares": lambda y, x: 4 < y < 36 and 4 < x < 36}
    for name, inside in shapes.items():
        place = pathlib.Path(folder) / name
        place.mkdir(parents=True)
        for number in range(5):
            (place / f"{number}.png").write_bytes(png((50 * number, 255 - 40 * number, 90), inside))


if __name__ == "__main__":
    main(*sys.argv[1:])
