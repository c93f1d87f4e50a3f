#!/usr/bin/env python3
"""Makes the fixtures of the image tests with Pillow: run it once under each Pillow whose pass order is tested.

    .venv-pillow12/bin/python tests/image/make_fixtures.py   # Pillow 12.x: pillow12.json (every kind of row) and files/
    .venv/bin/python tests/image/make_fixtures.py            # Pillow 13.x: pillow13.json (resizing only)

Needs numpy, and for pillow12 `cjpeg` (Debian: libjpeg-turbo-progs). A row says: image (height, width, channels of
`formula`, or a file), operation, parameters, and the digest of Pillow's result: the first 16 hex digits of the SHA-256 of its
bytes (rows of interleaved channels). tests/image/pillow_test.cpp makes the same images and compares.
"""
import hashlib
import io
import json
import pathlib
import subprocess
import zlib

import numpy as np
import PIL
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

HERE = pathlib.Path(__file__).parent
FILES = HERE / "files"
MAJOR = int(PIL.__version__.split(".")[0])
FILTERS = {"nearest": Image.Resampling.NEAREST, "box": Image.Resampling.BOX, "bilinear": Image.Resampling.BILINEAR,
           "hamming": Image.Resampling.HAMMING, "bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}


def formula(height, width, channels):
    """Slopes with noise, in 32-bit arithmetic; channel 3 (alpha) has wide fields of 0 and of 255."""
    y, x, c = np.meshgrid(*(np.arange(n, dtype=np.uint32) for n in (height, width, channels)), indexing="ij")
    noise = (x * np.uint32(73856093)) ^ (y * np.uint32(19349663)) ^ (c * np.uint32(83492791))
    noise ^= noise >> np.uint32(13)
    value = (x * 7 + y * 5 + c * 85 + ((x * y) >> np.uint32(4)) + ((noise >> np.uint32(5)) & np.uint32(63))) & np.uint32(255)
    alpha = np.where(value < 96, 0, np.where(value > 176, 255, value))
    return np.where(c == 3, alpha, value).astype(np.uint8)


def to_pillow(pixels):
    return Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)


def digest(image):
    return hashlib.sha256(np.asarray(image).tobytes()).hexdigest()[:16]


def row(shape, operation, result, **parameters):
    return {"image": list(shape), "op": operation, **parameters, "size": [result.height, result.width],
            "digest": digest(result)}


def resize_rows():
    sizes = [((1, 1), (1, 1)), ((1, 1), (7, 5)), ((1, 9), (4, 3)), ((9, 1), (3, 4)), ((2, 2), (5, 3)), ((17, 33), (17, 12)),
             ((17, 33), (40, 33)), ((33, 17), (9, 17)), ((61, 97), (32, 48)), ((61, 97), (130, 101)), ((97, 61), (1, 1)),
             ((97, 61), (8, 60)), ((120, 40), (12, 39)), ((40, 120), (39, 12)), ((300, 3), (20, 20)), ((3, 300), (20, 20)),
             ((211, 197), (64, 64)), ((65, 64), (64, 65))]
    for (height, width), (out_height, out_width) in sizes:
        for channels in (1, 3, 4):
            image = to_pillow(formula(height, width, channels))
            for name, code in FILTERS.items():
                if channels == 1 and name in ("box", "hamming"):
                    continue
                result = image.resize((out_width, out_height), code)
                yield row((height, width, channels), "resize", result, filter=name)
    boxes = [((61, 97), (24, 31), (3.5, 2.25, 90.125, 60.75)), ((61, 97), (24, 31), (0, 0, 96.5, 61)),
             ((97, 61), (30, 45), (10, 40, 30, 97)), ((40, 50), (40, 50), (0.5, 0.5, 49.5, 39.5)),
             ((200, 30), (20, 28), (1, 0, 29.5, 180.25)), ((50, 40), (64, 64), (7.1, 8.3, 8.9, 9.2))]
    for (height, width), (out_height, out_width), box in boxes:
        image = to_pillow(formula(height, width, 3))
        for name, code in FILTERS.items():
            yield row((height, width, 3), "resize", image.resize((out_width, out_height), code, box=box), filter=name,
                      box=list(box))


def crop_rows():
    """Crop, then resize, then crop, then mirror: what training and evaluation transforms do in one step."""
    cases = [((120, 160), (13, 20, 77, 91), (64, 64), None, True), ((120, 160), (0, 0, 120, 160), (36, 48), (2, 8, 32, 32), False),
             ((33, 47), (5, 6, 1, 1), (8, 8), None, True), ((60, 60), (10, 10, 32, 32), (32, 32), None, True),
             ((60, 60), (0, 9, 60, 51), (60, 51), (3, 4, 50, 40), True), ((190, 90), (20, 1, 160, 88), (17, 86), (1, 1, 15, 80), True)]
    for (height, width), crop, (out_height, out_width), window, flip in cases:
        for name in ("nearest", "bilinear", "bicubic"):
            top, left, rows, columns = crop
            result = to_pillow(formula(height, width, 3)).crop((left, top, left + columns, top + rows))
            result = result.resize((out_width, out_height), FILTERS[name])
            if window:
                result = result.crop((window[1], window[0], window[1] + window[3], window[0] + window[2]))
            if flip:
                result = result.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            yield {**row((height, width, 3), "resize", result, filter=name, crop=list(crop), window=window and list(window),
                         flip=flip), "to": [out_height, out_width]}


def adjust_hue(image, turn):
    """As torchvision.transforms.functional_pil.adjust_hue."""
    if image.mode == "L":
        return image
    hue, saturation, value = image.convert("HSV").split()
    turned = np.array(hue, dtype=np.uint8)
    turned += np.int32(turn * 255).astype(np.uint8)
    return Image.merge("HSV", (Image.fromarray(turned), saturation, value)).convert("RGB")


def colour_rows():
    enhancers = {"brightness": ImageEnhance.Brightness, "contrast": ImageEnhance.Contrast, "saturation": ImageEnhance.Color,
                 "sharpness": ImageEnhance.Sharpness}
    for shape in [(37, 53, 3), (64, 64, 1), (1, 1, 3), (256, 256, 3), (19, 31, 4), (2, 50, 3), (3, 3, 1), (200, 1, 4)]:
        image = to_pillow(formula(*shape))
        for name, enhancer in enhancers.items():
            for factor in (0.0, 0.2, 0.6123, 1.0, 1.4, 1.97, 3.5):
                yield row(shape, name, enhancer(image).enhance(factor), factor=factor)
        for turn in () if shape[2] == 4 else (-0.5, -0.31, -0.004, 0.0, 0.1, 0.25, 0.5):
            yield row(shape, "hue", adjust_hue(image, turn), factor=turn)


def geometry_rows():
    for shape in [(5, 9, 1), (8, 3, 3), (4, 6, 4)]:
        image = to_pillow(formula(*shape))
        yield row(shape, "flip_horizontally", image.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
        yield row(shape, "flip_vertically", image.transpose(Image.Transpose.FLIP_TOP_BOTTOM))
        fill = {1: 9, 3: (9,) * 3, 4: (9,) * 4}[shape[2]]
        yield row(shape, "pad", ImageOps.expand(image, (1, 2, 3, 4), fill), border=[2, 1, 4, 3], fill=9)
        yield row(shape, "crop", image.crop((1, 2, 3, 4)), region=[2, 1, 2, 2])


def tone_rows():
    shapes = [(37, 53, 3), (64, 64, 1), (1, 1, 3), (1, 1, 1), (256, 256, 3), (2, 90, 3), (300, 3, 1), (61, 97, 3)]
    for shape in shapes:
        image = to_pillow(formula(*shape))
        # Few values leave equalise and autocontrast little to do: their special cases.
        for narrow in (None, 3, 40, 200):
            kept = image if narrow is None else image.point(lambda v: 30 + v % narrow)
            for operation, result in (("invert", ImageOps.invert(kept)), ("equalise", ImageOps.equalize(kept)),
                                      ("autocontrast", ImageOps.autocontrast(kept))):
                yield row(shape, operation, result, narrow=narrow or 0, amount=0)
            for cutoff in (0.5, 2, 10, 45):
                yield row(shape, "autocontrast", ImageOps.autocontrast(kept, cutoff), narrow=narrow or 0, amount=cutoff)
        for bits in range(9):
            yield row(shape, "posterise", ImageOps.posterize(image, bits), narrow=0, amount=bits)
        for threshold in (0, 1, 76.5, 128, 204.0, 255, 256):
            yield row(shape, "solarise", ImageOps.solarize(image, threshold), narrow=0, amount=threshold)


def blur_rows():
    for shape in [(37, 53, 3), (64, 64, 1), (1, 1, 3), (19, 31, 4), (2, 90, 3), (300, 3, 1), (1, 40, 4)]:
        image = to_pillow(formula(*shape))
        for radius in (0, 0.1, 0.5, 1, 1.3, 2, 3.75, 8, 30, 120.5):
            yield row(shape, "gaussian_blur", image.filter(ImageFilter.GaussianBlur(radius)), radius=radius)
            yield row(shape, "box_blur", image.filter(ImageFilter.BoxBlur(radius)), radius=radius)


WARPS = ("nearest", "bilinear", "bicubic")


def warp_rows():
    shapes = [(37, 53, 3), (64, 64, 1), (1, 1, 3), (40, 40, 4), (2, 90, 3), (90, 1, 1), (33, 20, 4)]
    angles = (0, 1, -7.5, 30, 45, 89.99, 90, 135, 180, 270, 333.25, 720, -450, 1e-9)
    matrices = [(1, 0, 0, 0, 1, 0), (1, 0, 3, 0, 1, -2), (1, 0.3, 0, 0, 1, 0), (1, 0, 0, -0.27, 1, 4.5), (0.5, 0, 0, 0, 2.25, 0.3),
                (-1, 0, 20, 0, 1, 0), (0.8, -0.6, 3.3, 0.6, 0.8, -5.1), (3, 0.001, -7, 0.2, 2.5, 1), (0.1, 0.02, 4, -0.03, 0.2, 9),
                (1000, 0.5, 0, 0, 1000, 0.5), (900.0, 1, 0, 1, 900.0, 0)]
    for shape in shapes:
        image = to_pillow(formula(*shape))
        fill = (10, 200, 30, 255)[:shape[2]]
        for name in WARPS:
            for angle in angles:
                result = image.rotate(angle, FILTERS[name], fillcolor=fill if shape[2] > 1 else fill[0])
                yield row(shape, "rotate", result, filter=name, degrees=angle, fill=list(fill))
            for at, matrix in enumerate(matrices):
                size = (shape[1], shape[0]) if at % 3 else (31, 45)
                result = image.transform(size, Image.Transform.AFFINE, matrix, FILTERS[name],
                                         fillcolor=fill if shape[2] > 1 else fill[0])
                yield row(shape, "affine", result, filter=name, matrix=list(matrix), fill=list(fill))


def chunk(kind, data):
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def interlaced_png(pixels):
    """Adam7, which Pillow reads but does not write."""
    height, width, _ = pixels.shape
    lines = b""
    for top, left, down, across in ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)):
        for line in pixels[top::down, left::across]:
            if line.size:
                lines += b"\0" + line.tobytes()
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 1])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def cjpeg(image, *flags):
    ppm = io.BytesIO()
    image.save(ppm, format="PPM")
    return subprocess.run(["cjpeg", "-quality", "80", *flags], input=ppm.getvalue(), stdout=subprocess.PIPE, check=True).stdout


def saved(image, **options):
    data = io.BytesIO()
    image.save(data, **options)
    return data.getvalue()


def encoded_files():
    rgb = to_pillow(formula(37, 53, 3))
    rgba = to_pillow(formula(37, 53, 4))
    grey = rgb.convert("L")
    grey_alpha = grey.copy()
    grey_alpha.putalpha(rgba.getchannel("A"))
    for name, sampling in (("444", "1x1"), ("422", "2x1"), ("420", "2x2"), ("440", "1x2"), ("411", "4x1"), ("410", "4x2")):
        yield f"{name}.jpg", cjpeg(rgb, "-sample", sampling)
    yield "progressive.jpg", cjpeg(rgb, "-progressive", "-sample", "2x2")
    yield "restarts.jpg", cjpeg(rgb, "-restart", "1B", "-sample", "2x1")
    yield "grey.jpg", cjpeg(rgb, "-grayscale")
    yield "one_pixel.jpg", cjpeg(rgb.crop((3, 3, 4, 4)), "-sample", "2x2")
    yield "rgb.jpg", saved(rgb, format="JPEG", quality=80, keep_rgb=True)
    yield "cmyk.jpg", saved(rgb.convert("CMYK"), format="JPEG", quality=80)
    yield "rgb.png", saved(rgb, format="PNG")
    yield "rgba.png", saved(rgba, format="PNG")
    yield "grey.png", saved(grey, format="PNG")
    yield "grey_alpha.png", saved(grey_alpha, format="PNG")
    yield "one_bit.png", saved(rgb.convert("1"), format="PNG")
    yield "palette.png", saved(rgb.quantize(200), format="PNG")
    yield "palette_4bit.png", saved(rgb.quantize(11), format="PNG")
    yield "palette_transparent.png", saved(rgb.quantize(50), format="PNG", transparency=bytes(range(50)))
    yield "transparent_colour.png", saved(rgb, format="PNG", transparency=(9, 9, 9))
    yield "interlaced.png", interlaced_png(formula(37, 53, 3))
    yield "lossy.webp", saved(rgb, format="WEBP", quality=70)
    yield "lossless.webp", saved(rgb, format="WEBP", lossless=True)
    yield "alpha.webp", saved(rgba, format="WEBP", lossless=True, exact=True)


def refused_files():
    rgb = to_pillow(formula(37, 53, 3))
    yield "grey16.png", saved(Image.fromarray(np.arange(256, dtype=np.uint16).reshape(16, 16) * 200), format="PNG")
    yield "animated.webp", saved(rgb, format="WEBP", save_all=True, append_images=[rgb.transpose(Image.Transpose.FLIP_LEFT_RIGHT)])
    yield "picture.gif", saved(rgb.crop((0, 0, 4, 4)), format="GIF")


def file_rows():
    FILES.mkdir(exist_ok=True)
    for name, data in encoded_files():
        (FILES / name).write_bytes(data)
        for factor in (2, 4, 8) if name.endswith(".jpg") and name != "one_pixel.jpg" else ():
            image = Image.open(FILES / name)
            image.draft("RGB", (image.width // factor, image.height // factor))
            if image.size == (-(-53 // factor), -(-37 // factor)):
                yield {"file": name, "op": "reduce", "factor": factor, "size": [image.height, image.width], "digest": digest(image.convert("RGB"))}
        for channels, mode in ((3, "RGB"), (1, "L")):
            result = Image.open(FILES / name).convert(mode)
            yield {"file": name, "op": "decode", "channels": channels, "size": [result.height, result.width], "digest": digest(result)}
    for name, data in refused_files():
        (FILES / name).write_bytes(data)


def main():
    rows = list(resize_rows()) + list(crop_rows())
    if MAJOR == 12:
        rows += list(colour_rows()) + list(geometry_rows()) + list(tone_rows()) + list(blur_rows()) + list(warp_rows()) + list(file_rows())
    lines = ",\n".join(json.dumps(each, separators=(",", ":")) for each in rows)
    path = HERE / f"pillow{MAJOR}.json"
    path.write_text(f'{{"made_by":"Pillow {PIL.__version__}","rows":[\n{lines}\n]}}\n')
    print(path, len(rows), "rows")


if __name__ == "__main__":
    main()
