#!/usr/bin/env python3
"""Makes exif.json and exif/ with Pillow: images that ask for an orientation, each with the digest of
`ImageOps.exif_transpose(image).convert("RGB")`, as tests/image/exif_test.cpp compares it.

    python tests/image/make_exif.py
"""
import io
import json
import pathlib
import struct
import zlib

from PIL import Image, ImageOps

from make_fixtures import digest, formula

HERE = pathlib.Path(__file__).parent
FOLDER = HERE / "exif"
PICTURE = Image.fromarray(formula(21, 34, 3))


def tiff(value, order="<", kind=3, extra=0):
    """A directory of one orientation, `extra` other tags before it."""
    entries = b"".join(struct.pack(order + "HHHHH", 256 + i, 3, *((1, 0) if order == "<" else (0, 1)), 7) +
                       b"\0\0" for i in range(extra))
    field = struct.pack(order + {1: "Bxxx", 3: "Hxx", 4: "L", 6: "bxxx", 8: "hxx", 9: "l"}[kind], value)
    entries += struct.pack(order + "HHL", 274, kind, 1) + field
    magic = b"II*\0" if order == "<" else b"MM\0*"
    return magic + struct.pack(order + "LH", 8, extra + 1) + entries + b"\0\0\0\0"


def jpeg(*segments):
    out = io.BytesIO()
    PICTURE.save(out, "JPEG", quality=90)
    whole = out.getvalue()
    head = b"".join(b"\xFF\xE1" + struct.pack(">H", len(s) + 2) + s for s in segments)
    return whole[:2] + head + whole[2:]


def chunk(name, content):
    return struct.pack(">L", len(content)) + name + content + struct.pack(">L", zlib.crc32(name + content))


def png(content, last=False):
    """An eXIf chunk before the pixels, or behind them."""
    out = io.BytesIO()
    PICTURE.save(out, "PNG")
    whole = out.getvalue()
    at = len(whole) - 12 if last else 33
    return whole[:at] + chunk(b"eXIf", content) + whole[at:]


def webp(**more):
    out = io.BytesIO()
    PICTURE.save(out, "WEBP", lossless=True, **more)
    return out.getvalue()


def xmp(text):
    return b"<x:xmpmeta><rdf:Description " + text + b"</rdf:Description></x:xmpmeta>"


def files():
    exif = lambda data: b"Exif\0\0" + data
    adobe = lambda data: b"http://ns.adobe.com/xap/1.0/\0" + data
    six = xmp(b'tiff:Orientation="6">')
    for n in range(1, 9):
        yield f"{n}.jpg", jpeg(exif(tiff(n)))
        yield f"{n}.png", png(tiff(n))
        yield f"{n}.webp", webp(exif=tiff(n))
    yield "big_endian.jpg", jpeg(exif(tiff(6, ">", extra=2)))
    yield "twice_exif.jpg", jpeg(exif(exif(tiff(8))))
    yield "long.jpg", jpeg(exif(tiff(6, kind=4)))
    yield "signed.jpg", jpeg(exif(tiff(3, ">", kind=8)))
    yield "byte.jpg", jpeg(exif(tiff(6, kind=1)))  # bytes are no number to Pillow
    yield "nine.jpg", jpeg(exif(tiff(9)))
    yield "zero.jpg", jpeg(exif(tiff(0)))
    yield "two_segments.jpg", jpeg(exif(tiff(6, extra=3)[:30]), exif(tiff(6, extra=3)[30:]))
    yield "xmp.jpg", jpeg(adobe(six))
    yield "xmp_element.jpg", jpeg(adobe(xmp(b"><tiff:Orientation>5</tiff:Orientation>")))
    yield "exif_before_xmp.jpg", jpeg(exif(tiff(3)), adobe(six))
    yield "no_tag_but_xmp.jpg", jpeg(exif(tiff(6)[:8] + b"\0\0\0\0\0\0"), adobe(six))
    yield "cut.jpg", jpeg(exif(tiff(6)[:20]))
    yield "cut_after.jpg", jpeg(exif(tiff(6)[:22]))
    yield "no_tiff.jpg", jpeg(exif(b"what is this, no TIFF"))
    yield "behind.png", png(tiff(6), last=True)
    yield "xmp.webp", webp(xmp=six)
    yield "plain.webp", webp()


def upright(content):
    """Pillow's; EXIF that it cannot read it leaves at the second asking, so that the image is as stored."""
    image = Image.open(io.BytesIO(content))
    try:
        return ImageOps.exif_transpose(image).convert("RGB")
    except (SyntaxError, struct.error):
        return Image.open(io.BytesIO(content)).convert("RGB")


def main():
    FOLDER.mkdir(exist_ok=True)
    rows = []
    for name, content in files():
        (FOLDER / name).write_bytes(content)
        image = upright(content)
        rows.append({"file": "exif/" + name, "size": [image.height, image.width], "digest": digest(image)})
    (HERE / "exif.json").write_text("[\n" + ",\n".join(" " + json.dumps(row) for row in rows) + "\n]\n")


main()
