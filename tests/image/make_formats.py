#!/usr/bin/env python3
"""Makes formats.json: small BMP, PNM, TIFF, GIF, PNG and WebP files of every kind (base64), and what Pillow makes of each.

    .venv-pillow13/bin/python tests/image/make_formats.py

A row says: a name, the file, and the size and digest (as in make_fixtures.py) of Pillow's RGB pixels, or null where Pillow
refuses it. Needs `tiffcp` (Debian: libtiff-tools). tests/image/formats_test.cpp compares.
"""
import base64
import hashlib
import io
import json
import pathlib
import random
import struct
import subprocess
import tempfile
import zlib

import numpy as np
import PIL
from PIL import Image

HERE = pathlib.Path(__file__).parent
HEIGHT, WIDTH = 11, 13
NOISE = np.random.default_rng(3)
RGB = NOISE.integers(0, 256, (HEIGHT, WIDTH, 3)).astype("uint8")
RGBA = np.dstack([RGB, NOISE.integers(0, 256, (HEIGHT, WIDTH)).astype("uint8")])
RGBA[:2, :5, 3], RGBA[2:4, :, 3] = 0, 255
WIDE = NOISE.integers(0, 65536, (HEIGHT, WIDTH, 4)).astype("uint16")
WIDE[:3] //= 256


def packed(values, bits):
    """Rows of numbers of few bits, each row from a byte on."""
    data = b""
    for row in values:
        text = "".join(format(int(value), f"0{bits}b") for value in np.ravel(row))
        text += "0" * (-len(text) % 8)
        data += bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))
    return data


def tiff(planes, bits, samples, photometric, order="<", kind=1, extra=(), planar=1, palette=(), orientation=1):
    """Uncompressed; each plane in two strips."""
    strips = []
    for plane in planes:
        row = len(plane) // HEIGHT
        strips += [plane[:6 * row], plane[6 * row:]]
    offsets, at = [], 8
    for strip in strips:
        offsets.append(at)
        at += len(strip)
    entries = [(256, "H", [WIDTH]), (257, "H", [HEIGHT]), (258, "H", [bits] * samples), (259, "H", [1]), (262, "H", [photometric]),
               (273, "I", offsets), (274, "H", [orientation]), (277, "H", [samples]), (278, "H", [6]),
               (279, "I", [len(strip) for strip in strips]), (284, "H", [planar])]
    entries += [(320, "H", palette)] if len(palette) else []
    entries += [(338, "H", extra)] if len(extra) else []
    entries += [(339, "H", [kind] * samples)] if kind != 1 else []
    pad = at % 2
    directory, beside, beside_at = struct.pack(order + "H", len(entries)), b"", at + pad + 2 + 12 * len(entries) + 4
    for tag, code, values in entries:
        raw = struct.pack(order + code * len(values), *(int(value) for value in values))
        head = struct.pack(order + "HHI", tag, {"H": 3, "I": 4}[code], len(values))
        if len(raw) <= 4:
            directory += head + raw.ljust(4, b"\0")
        else:
            directory += head + struct.pack(order + "I", beside_at + len(beside))
            beside += raw + b"\0" * (len(raw) % 2)
    magic = b"II*\0" if order == "<" else b"MM\0*"
    return magic + struct.pack(order + "I", at + pad) + b"".join(strips) + b"\0" * pad + directory + b"\0" * 4 + beside


def tiffs():
    for order, name in (("<", "le"), (">", "be")):
        for photometric in (0, 1):
            for bits in (1, 2, 4, 8):
                yield f"{name}-grey{bits}-{photometric}", tiff([packed(NOISE.integers(0, 2**bits, (HEIGHT, WIDTH)), bits)], bits, 1, photometric, order)
            yield f"{name}-float-{photometric}", tiff([(WIDE[..., 0] / 100 - 5).astype(order + "f4").tobytes()], 32, 1, photometric, order, 3)
        grey = WIDE[..., 0]
        yield f"{name}-grey16", tiff([grey.astype(order + "u2").tobytes()], 16, 1, 1, order)
        yield f"{name}-signed16", tiff([(grey.astype(int) // 100 - 200).astype(order + "i2").tobytes()], 16, 1, 1, order, 2)
        yield f"{name}-signed32", tiff([(grey.astype(int) - 300).astype(order + "i4").tobytes()], 32, 1, 1, order, 2)
        yield f"{name}-grey-alpha", tiff([np.ascontiguousarray(RGBA[..., 2:]).tobytes()], 8, 2, 1, order, extra=[2])
        yield f"{name}-grey-premultiplied", tiff([np.ascontiguousarray(RGBA[..., 2:]).tobytes()], 8, 2, 1, order, extra=[1])
        yield f"{name}-rgb", tiff([RGB.tobytes()], 8, 3, 2, order)
        yield f"{name}-rgb16", tiff([WIDE[..., :3].astype(order + "u2").tobytes()], 16, 3, 2, order)
        for extra in (0, 1, 2):
            yield f"{name}-rgba-{extra}", tiff([RGBA.tobytes()], 8, 4, 2, order, extra=[extra])
            yield f"{name}-rgba16-{extra}", tiff([WIDE.astype(order + "u2").tobytes()], 16, 4, 2, order, extra=[extra])
        for bits in (1, 4, 8):
            palette = NOISE.integers(0, 65536, 3 * 2**bits)
            yield f"{name}-palette{bits}", tiff([packed(NOISE.integers(0, 2**bits, (HEIGHT, WIDTH)), bits)], bits, 1, 3, order, palette=palette)
        yield f"{name}-cmyk", tiff([RGBA.tobytes()], 8, 4, 5, order)
        yield f"{name}-cmyk16", tiff([WIDE.astype(order + "u2").tobytes()], 16, 4, 5, order)
        yield f"{name}-planes", tiff([np.ascontiguousarray(RGB[..., c]).tobytes() for c in range(3)], 8, 3, 2, order, planar=2)
    for orientation in range(2, 9):
        yield f"orientation{orientation}", tiff([RGB.tobytes()], 8, 3, 2, orientation=orientation)


def recompressed(name, data):
    with tempfile.TemporaryDirectory() as folder:
        source, result = pathlib.Path(folder, "a.tif"), pathlib.Path(folder, "b.tif")
        source.write_bytes(data)
        for kind, flags in (("lzw", ["-c", "lzw:2"]), ("deflate", ["-c", "zip"]), ("packbits", ["-c", "packbits"]), ("big", ["-8"]),
                            ("tiles", ["-t", "-w", "16", "-l", "16", "-c", "lzw"]), ("apart", ["-p", "separate", "-c", "zip"]),
                            ("jpeg", ["-c", "jpeg"]), ("jpeg-rgb", ["-c", "jpeg:r"]), ("fax", ["-c", "g4"])):
            if subprocess.run(["tiffcp", *flags, source, result], capture_output=True, check=False).returncode == 0:
                yield f"{name}-{kind}", result.read_bytes()


def bmp(bits, data, compression=0, palette=b"", colours=0, header=40, masks=b"", height=HEIGHT, width=WIDTH):
    if header == 12:
        head = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        head = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(data), 2835, 2835, colours, 0)
        head += masks.ljust(max(header - 40, 12 if compression == 3 else 0), b"\0")
    at = 14 + len(head) + len(palette)
    return b"BM" + struct.pack("<IHHI", at + len(data), 0, 0, at) + head + palette + data


def bmp_rows(values, bits):
    rows = [packed([row], bits) if bits <= 8 else row.tobytes() for row in values]
    return b"".join(row + b"\0" * (-len(row) % 4) for row in rows)


def runs(bits, noise):
    data = b""
    for _ in range(HEIGHT):
        x = 0
        while x < WIDTH:
            kind, count = noise.randrange(6), noise.randrange(3, 9)
            if kind < 4:
                data += bytes([count, noise.randrange(256)])
            else:
                pixels = bytes(noise.randrange(256) for _ in range((count + 1) // 2 if bits == 4 else count))
                data += bytes([0, count]) + pixels + b"\0" * (len(pixels) % 2)
            x += count
            if noise.random() < 0.1:
                break
        data += b"\0\0"
    return data + b"\0\2\1\0\0\1" * noise.randrange(2) + b"\0\1"


def bmps():
    palette = NOISE.integers(0, 256, 1024).astype("uint8").tobytes()
    for bits in (1, 4, 8):
        values = NOISE.integers(0, 2**bits, (HEIGHT, WIDTH))
        colours = palette[:4 * 2**bits]
        yield f"{bits}", bmp(bits, bmp_rows(values, bits), palette=colours)
        yield f"{bits}-down", bmp(bits, bmp_rows(values, bits), palette=colours, height=-HEIGHT)
        yield f"{bits}-few", bmp(bits, bmp_rows(values, bits), palette=palette[:4 * 2**bits // 2], colours=2**bits // 2)
        yield f"{bits}-os2", bmp(bits, bmp_rows(values, bits), palette=palette[:3 * 2**bits], header=12)
    ramp = b"".join(bytes([i, i, i, 0]) for i in range(256))
    yield "grey", bmp(8, bmp_rows(RGB[..., 0], 8), palette=ramp)
    yield "black-white", bmp(1, bmp_rows(RGB[..., 0] % 2, 1), palette=ramp[:4] + ramp[-4:])
    yield "white-black", bmp(1, bmp_rows(RGB[..., 0] % 2, 1), palette=ramp[-4:] + ramp[:4])
    for header in (40, 52, 56, 64, 108, 124):
        yield f"24-{header}", bmp(24, bmp_rows(RGB, 24), header=header)
        yield f"32-{header}", bmp(32, bmp_rows(RGBA, 32), header=header)
        yield f"16-{header}", bmp(16, bmp_rows(WIDE[..., 0].astype("<u2"), 16), header=header)
    for bits, masks in ((16, (0xF800, 0x7E0, 0x1F, 0)), (16, (0x7C00, 0x3E0, 0x1F, 0)), (16, (0xF00, 0xF0, 0xF, 0)),
                        (32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000)), (32, (0xFF000000, 0xFF0000, 0xFF00, 0xFF)),
                        (32, (0xFF, 0xFF00, 0xFF0000, 0xFF000000)), (32, (0, 0, 0, 0)), (32, (0xFF, 0xFF00, 0xFF0000, 0))):
        values = WIDE[..., 0].astype("<u2") if bits == 16 else RGBA
        for header in (40, 124):
            yield f"fields-{header}-{bits}-{masks[0]:x}", bmp(bits, bmp_rows(values, bits), 3, header=header, masks=struct.pack("<IIII", *masks))
    for seed in range(8):
        yield f"runs8-{seed}", bmp(8, runs(8, random.Random(seed)), 1, palette)
        yield f"runs4-{seed}", bmp(4, runs(4, random.Random(seed)), 2, palette[:64])
    yield "jpeg-inside", bmp(24, bmp_rows(RGB, 24), 4)
    yield "cut", bmp(24, bmp_rows(RGB, 24))[:-40]


def pnms():
    for most in (1, 100, 255, 256, 1000, 65535):
        grey, colours = NOISE.integers(0, most + 1, (HEIGHT, WIDTH)), NOISE.integers(0, most + 1, (HEIGHT, WIDTH, 3))
        size, kind = f"{WIDTH} {HEIGHT}\n{most}\n".encode(), ">u2" if most > 255 else "u1"
        yield f"P5-{most}", b"P5\n" + size + grey.astype(kind).tobytes()
        yield f"P6-{most}", b"P6 # a comment\n" + size + colours.astype(kind).tobytes()
        yield f"P2-{most}", b"P2\n" + size + " ".join(map(str, grey.ravel())).encode()
        yield f"P3-{most}", b"P3\n" + size + b"# more\n" + "\n".join(map(str, colours.ravel())).encode() + b"\n"
    bits, size = NOISE.integers(0, 2, (HEIGHT, WIDTH)), f"{WIDTH} {HEIGHT}\n".encode()
    yield "P4", b"P4\n" + size + packed(bits, 1)
    yield "P1", b"P1\n" + size + "".join(map(str, bits.ravel())).encode()
    yield "P1-bad", b"P1\n" + size + b"2" + "".join(map(str, bits.ravel())).encode()
    yield "P2-over", b"P2\n" + size + b"9\n" + b"10 " * (HEIGHT * WIDTH)
    yield "P5-short", b"P5\n" + size + b"255\nabc"
    floats = (NOISE.random((HEIGHT, WIDTH)) * 300 - 10)
    yield "Pf", b"Pf\n" + size + b"-1.0\n" + floats.astype("<f4").tobytes()
    yield "Pf-big", b"Pf\n" + size + b"1.0\n" + floats.astype(">f4").tobytes()


def saved(image, kind, **options):
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def gifs():
    image = Image.fromarray(RGB)
    for colours in (2, 60, 256):
        for interlace in (0, 1):
            yield f"{colours}-{interlace}", saved(image.quantize(colours), "GIF", interlace=interlace)
    yield "transparent", saved(image.quantize(9), "GIF", transparency=3)
    yield "grey", saved(image.convert("L"), "GIF")
    yield "animated", saved(image.quantize(9), "GIF", save_all=True, append_images=[image.rotate(90).quantize(9)], comment=b"hello")
    small = saved(image.quantize(9), "GIF")
    at = small.index(b",", 13)
    yield "beyond-the-screen", small[:at + 1] + struct.pack("<HH", 3, 2) + small[at + 5:]
    yield "wide-screen", small[:6] + struct.pack("<HH", 20, 17) + small[10:]
    yield "cut", small[:-30]


def png(bits, colours, data, extra=b""):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    row = len(data) // HEIGHT
    lines = b"".join(b"\0" + data[i * row:(i + 1) * row] for i in range(HEIGHT))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, bits, colours, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + (chunk(*extra) if extra else b"") + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def pngs():
    for colours, channels in ((0, 1), (2, 3), (4, 2), (6, 4)):
        values = np.ascontiguousarray(WIDE[..., :channels]).astype(">u2")
        yield f"16-{colours}", png(16, colours, values.tobytes())
        if colours in (0, 2):
            yield f"16-{colours}-transparent", png(16, colours, values.tobytes(), (b"tRNS", values[1, 1].tobytes()))


def webps():
    image = Image.fromarray(RGB)
    plain, exif = saved(image, "WEBP", lossless=True), saved(image, "WEBP", quality=60, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0")
    yield "animated", saved(image, "WEBP", save_all=True, append_images=[image.rotate(90)])
    yield "exif", exif
    yield "tail", plain + b"tail"
    at = exif.index(b"EXIF")
    yield "long-exif", exif[:at + 4] + struct.pack("<I", 9999) + exif[at + 8:]
    yield "lying-canvas", exif[:24] + b"\x40" + exif[25:]
    yield "unknown-flags", exif[:20] + b"\xff" + exif[21:]


def files():
    for kind, makers in (("tiff", tiffs()), ("bmp", bmps()), ("pnm", pnms()), ("gif", gifs()), ("png", pngs()), ("webp", webps())):
        for name, data in makers:
            yield f"{kind}-{name}", data
            if kind == "tiff" and name in ("le-rgb", "be-rgb16", "le-grey1-0", "le-palette8", "be-rgba-1", "le-cmyk", "le-grey8-1"):
                yield from recompressed(f"tiff-{name}", data)


def main():
    rows = []
    for name, data in files():
        row = {"name": name, "file": base64.b64encode(data).decode(), "size": None, "digest": None}
        try:
            image = Image.open(io.BytesIO(data)).convert("RGB")
            row |= {"size": [image.height, image.width], "digest": hashlib.sha256(np.asarray(image).tobytes()).hexdigest()[:16]}
        except (OSError, SyntaxError, ValueError):
            pass
        rows.append(row)
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    (HERE / "formats.json").write_text(f'{{"made_by":"Pillow {PIL.__version__}","rows":[\n{lines}\n]}}\n')
    print(len(rows), "rows,", sum(row["digest"] is None for row in rows), "that Pillow refuses")


if __name__ == "__main__":
    main()
