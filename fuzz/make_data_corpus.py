"""Makes the seeds of the fuzzers of images by parts and of data files. Equal runs give equal files.

    python3 fuzz/make_data_corpus.py

Needs jpegtran, which cuts JPEGs into segments. Good files come from tests/image/files and tests/data/fixtures; bad ones are cut and
changed copies of them, and files made by hand. What a fuzzer finds is added by hand as found-*, which stay.
"""

import hashlib
import io
import json
import struct
import subprocess
import tarfile

from make_corpus import ROOT, changed, write

IMAGES = ROOT / "tests/image/files"
LMDB = ROOT / "tests/data/fixtures/lmdb"
MIDDLE, WHOLE = bytes([85, 85, 87, 87]), bytes([0, 0, 255, 255])
PAGE = 512


def image(name):
    return (IMAGES / name).read_bytes()


def cut_up(name, units):
    """The image in baseline form with a restart marker every `units` units, and the lengths of its segments."""
    content = subprocess.run(["jpegtran", "-restart", f"{units}B", "-copy", "none", str(IMAGES / name)], check=True,
                             capture_output=True).stdout
    first = content.index(b"\xff\xda")
    first += 2 + struct.unpack(">H", content[first + 2:first + 4])[0]
    lengths, begin = b"", first
    for at in range(first, len(content) - 1):
        if content[at] == 0xFF and 0xD0 <= content[at + 1] <= 0xD9:
            lengths += struct.pack("<H", at + 2 - begin)
            begin = at + 2
    return content, lengths


def crops():
    for name in ("420", "422", "444", "440", "grey", "restarts", "progressive"):
        yield name, MIDDLE + image(name + ".jpg")
    yield "whole", WHOLE + image("420.jpg")
    for kind, bad in changed(image("420.jpg")):
        yield kind, MIDDLE + bad


def splices():
    for name in ("420", "cmyk", "progressive", "one_pixel"):
        yield "pack-" + name, MIDDLE + b"\0\0" + image(name + ".jpg")
    for name, units in (("420", 2), ("422", 4), ("444", 7), ("440", 1), ("grey", 7), ("411", 2)):
        content, lengths = cut_up(name + ".jpg", units)
        head = bytes([units, len(lengths) // 2]) + lengths
        yield name, MIDDLE + head + content
        yield name + "-whole", WHOLE + head + content
        if name in ("420", "grey"):
            yield from ((f"{name}-{kind}", MIDDLE + bad) for kind, bad in changed(head + content))


def pack(images):
    """A packed data set, as data/pack_format.h describes it."""
    classes = ["cat", "dog"]
    file = b"springbok-pack-1" + b"0" * 64
    rows, names = b"", b""
    for i, (content, table, units, height, width) in enumerate(images):
        record = table + content
        sizes = struct.pack("<5I", len(content), len(table), height, width, units)
        file += sizes + hashlib.sha256(record).digest()[:20]
        names += f"train/{classes[i % 2]}/{i}.jpg".encode()
        rows += struct.pack("<QQ", len(file), len(names)) + sizes + struct.pack("<i", i % 2)
        file += record
    about = json.dumps({"classes": classes, "digest": "0" * 64, "source": "made", "channels": 3}).encode()
    index = rows + names + about
    places = struct.pack("<4Q", len(file), len(file) + len(rows), len(file) + len(rows) + len(names), len(file) + len(index))
    return file + index + places + hashlib.sha256(index).digest() + b"springbok-pack-1"


def packs():
    small = image("one_pixel.jpg"), b"", 0, 1, 1
    jpegs = [(*cut_up(f"{name}.jpg", units), units, 37, 53) for name, units in (("420", 2), ("grey", 7))]
    good = pack([small])
    yield "one", good
    yield "segments", pack(jpegs)
    yield "other_size", pack([(image("one_pixel.jpg"), b"", 0, 100, 100), (image("grey16.png"), b"", 0, 90, 90)])
    yield "no_image", pack([(b"", b"", 0, 1, 1)])
    yield "nothing", pack([])
    yield from changed(good)


def tar_of(members, form):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue().rstrip(b"\0") + bytes(1024)


def tars():
    small = image("one_pixel.jpg")
    pair = [("1.jpg", small), ("1.cls", b"0\n")]
    long_names = [("d" * 120 + "/" + name, content) for name, content in pair]
    for name, form in (("ustar", tarfile.USTAR_FORMAT), ("gnu", tarfile.GNU_FORMAT), ("pax", tarfile.PAX_FORMAT)):
        yield name, tar_of(pair, form)
        yield name + "-long", tar_of(long_names, form)
    good = tar_of(pair, tarfile.GNU_FORMAT)
    yield from changed(good)
    yield "no_class", tar_of(pair[:1], tarfile.GNU_FORMAT)
    yield "no_image", tar_of(pair[1:], tarfile.GNU_FORMAT)
    yield "binary_size", good[:124] + b"\x80" + bytes(3) + struct.pack(">Q", len(small)) + good[136:]
    yield "huge_size", good[:124] + b"\x80" + bytes(3) + b"\xff" * 8 + good[136:]


def page(number, flags, nodes):
    """A page of an LMDB database: nodes grow down from its end, their places up from its head."""
    places, content, at = b"", bytearray(PAGE), PAGE
    for node in nodes:
        at -= len(node) + len(node) % 2
        content[at:at + len(node)] = node
        places += struct.pack("<H", at)
    content[:16] = struct.pack("<QHHHH", number, 0, flags, 16 + len(places), at)
    content[16:16 + len(places)] = places
    return bytes(content)


def leaf(key, value, far=None):
    """An entry; `far` is the page where its value lies instead."""
    held = value if far is None else struct.pack("<Q", far)
    return struct.pack("<IHH", len(value), 0 if far is None else 1, len(key)) + key + held


def branch(key, child):
    return struct.pack("<IHH", child & 0xFFFFFFFF, child >> 32, len(key)) + key


def meta(number, root, depth, entries, last, transaction, flags=0):
    free = struct.pack("<IHHQQQQQ", PAGE, 0, 0, 0, 0, 0, 0, (1 << 64) - 1)
    main = struct.pack("<IHHQQQQQ", 0, flags, depth, 0, 1, 0, entries, root)
    body = struct.pack("<IIQQ", 0xBEEFC0DE, 1, 0, 1 << 20) + free + main + struct.pack("<QQ", last, transaction)
    return (struct.pack("<QHHI", number, 0, 8, 0) + body).ljust(PAGE, b"\0")


def database(pages, root=2, depth=1, **more):
    last = 1 + sum(len(each) for each in pages) // PAGE
    return meta(0, root, depth, 3, last, 0, **more) + meta(1, root, depth, 3, last, 1, **more) + b"".join(pages)


def lmdbs():
    small = struct.pack("<q", 1) + image("one_pixel.jpg")
    far = struct.pack("<QHHI", 3, 0, 4, 2) + small
    far += bytes(-len(far) % PAGE)
    ends = [leaf(b"__len__", b"1"), leaf(b"classes", b"cat\ndog\n")]
    good = database([page(2, 2, [leaf(b"0", small, 3), *ends]), far])
    yield "one", good
    yield "near", database([page(2, 2, [leaf(b"0", small[:300]), *ends])])
    yield "tree", database([page(2, 1, [branch(b"", 3), branch(b"__len__", 4)]), page(3, 2, [leaf(b"0", small, 5)]),
                            page(4, 2, ends), far], depth=2)
    yield "circle", database([page(2, 1, [branch(b"", 2), branch(b"1", 2)])], depth=9)
    yield "no_entries", database([], root=(1 << 64) - 1, depth=0)
    yield "outside", database([page(2, 2, [leaf(b"0", small, 1 << 50), *ends])])
    yield "long", database([page(2, 2, [struct.pack("<IHH", 0xFFFFFFFF, 0, 1) + b"0", *ends])])
    yield "duplicates", database([page(2, 2, ends)], flags=4)
    yield "large_key", database([page(2, 2, [struct.pack("<IHH", 1, 0, 0xFFFF) + b"0"])])
    yield from changed(good)


def arrow_values():
    """The values of the databases that old pyarrow filled, found by what they begin with and their lengths in the leaf pages."""
    for path in sorted(LMDB.glob("*/train.lmdb")):
        content = path.read_bytes()
        for number, (key, value) in enumerate(entries(content)):
            if key in (b"0", b"8", b"__len__", b"classes", b"class_to_idx"):
                yield f"{path.parent.name}-{key.decode()}", value
                if key != b"0":
                    yield from ((f"{path.parent.name}-{key.decode()}-{kind}", bad) for kind, bad in changed(value, 2))


def entries(content, size=4096):
    """Keys and values of all leaf pages in use."""
    last = max(struct.unpack("<QQ", content[at + 136:at + 152])[::-1] for at in (0, size))[1]
    for number in range(2, last + 1):
        at = number * size
        _, _, flags, lower, _ = struct.unpack("<QHHHH", content[at:at + 16])
        if flags & 7 != 2 or struct.unpack("<Q", content[at:at + 8])[0] != number:
            continue
        for place in struct.unpack(f"<{(lower - 16) // 2}H", content[at + 16:at + lower]):
            length, kind, key_size = struct.unpack("<IHH", content[at + place:at + place + 8])
            key_at = at + place + 8
            value_at = key_at + key_size
            if kind & 1:
                value_at = struct.unpack("<Q", content[value_at:value_at + 8])[0] * size + 16
            yield content[key_at:key_at + key_size], content[value_at:value_at + length]


def annotations():
    small = {"info": {"id": 1}, "categories": [{"id": 5, "name": "cat"}, {"id": 3, "name": "dog"}],
             "annotations": [{"id": 1, "image_id": 8, "category_id": 3, "area": 2000.5, "iscrowd": 1, "bbox": [0, 1, 2.5, 3],
                              "segmentation": {"counts": [1, 2], "size": [9, 9]}}],
             "images": [{"id": 8, "file_name": "a.jpg", "height": 9, "width": 9}, {"id": 2, "file_name": "b.jpg"}]}
    text = json.dumps(small).encode()
    yield "small", text
    yield "marked", b"\xef\xbb\xbf" + text
    yield "deep", b'{"images": ' + b"[" * 5000
    yield "nothing", b""
    yield "behind", text + b"\0{}"
    yield "numbers", text.replace(b"2000.5", b"-1e400").replace(b'"id": 8', b'"id": 99999999999999999999')
    yield from changed(text)


def masks():
    for path in sorted((LMDB.parent / "masks").glob("*.png")):
        yield path.stem, path.read_bytes()
    for name in ("rgb.png", "grey16.png", "420.jpg"):
        yield name, image(name)
    yield from changed((LMDB.parent / "masks/palette4.png").read_bytes())


def target_packs():
    """Version 2: masks behind the images, or label sets in the index."""
    small, mask = image("one_pixel.jpg"), (LMDB.parent / "masks/palette8.png").read_bytes()
    for target in ("masks", "labels"):
        record = lambda content, height, width: (struct.pack("<5I", len(content), 0, height, width, 0)
                                                 + hashlib.sha256(content).digest()[:20] + content)
        file = b"springbok-pack-2" + b"0" * 64 + record(small, 1, 1)
        row = struct.pack("<QQ5I", 80 + 40, 1, len(small), 0, 1, 1, 0) + struct.pack("<i", len(mask) if target == "masks" else -1)
        file += record(mask, 9, 17) if target == "masks" else b""
        about = {"classes": ["cat", "dog"], "digest": "0" * 64, "source": "made", "channels": 3, "target": target}
        index = row + b"a" + json.dumps({**about, **({"labels": [[1, 8]]} if target == "labels" else {})}).encode()
        places = struct.pack("<4Q", len(file), len(file) + len(row), len(file) + len(row) + 1, len(file) + len(index))
        yield target, file + index + places + hashlib.sha256(index).digest() + b"springbok-pack-2"


def main():
    write("data_coco", annotations())
    write("data_mask", masks())
    write("image_jpeg_crop", crops())
    write("image_splice", splices())
    write("data_pack", [*packs(), *target_packs()])
    write("data_tar", tars())
    write("data_lmdb", lmdbs())
    write("data_arrow", arrow_values())


if __name__ == "__main__":
    main()
