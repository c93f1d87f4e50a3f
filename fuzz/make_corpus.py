"""Makes fuzz/corpus/: seeds of the weight readers' fuzzers, good files and bad ones. Equal runs give equal files.

    python3 fuzz/make_corpus.py

Good seeds are the fixtures of tests/weights; bad ones are cut and changed copies of them, and files made by hand that lie about
sizes, places, names and classes. What a fuzzer finds is added by hand as found-*, which stay.
"""

import io
import json
import pathlib
import pickle
import random
import struct
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "tests/tensors/fixtures"
HUGE = 1 << 60


def changed(content, count=4):
    """Cut copies, and copies with a few other bytes."""
    noise = random.Random(len(content))
    for i in range(count):
        yield f"cut{i}", content[:len(content) * (2 * i + 1) // (2 * count)]
        copy = bytearray(content)
        for _ in range(1 + 2 * i):
            copy[noise.randrange(len(copy))] = noise.randrange(256)
        yield f"changed{i}", bytes(copy)


def archive(*records, **fields):
    """A stored zip; `fields` (name, size, offset) replace what its only directory entry says."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zip_file:
        for name, content in records:
            zip_file.writestr(zipfile.ZipInfo(name), content)
    content = bytearray(buffer.getvalue())
    entry = content.find(b"PK\1\2")
    if "size" in fields:
        content[entry + 20:entry + 28] = struct.pack("<II", fields["size"], fields["size"])
    if "offset" in fields:
        content[entry + 42:entry + 46] = struct.pack("<I", fields["offset"])
    return bytes(content)


def zips():
    good = pickle.dumps({"epoch": 3}, 2)
    yield "up", archive(("../data.pkl", good))
    yield "rooted", archive(("/data.pkl", good))
    yield "two_roots", archive(("a/data.pkl", good), ("b/data.pkl", good))
    yield "twice", archive(("a/data.pkl", good)) + archive(("a/data.pkl", good))
    yield "no_pickle", archive(("a/data/0", b"1234"))
    yield "large", archive(("a/data.pkl", good), size=0xFFFFFFF0)
    yield "zip64", archive(("a/data.pkl", good), size=0xFFFFFFFF)
    yield "behind", archive(("a/data.pkl", good), offset=0x7FFFFFFF)
    yield "end_only", b"PK\5\6" + bytes(18)
    yield "many", b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0, 0)
    compressed = io.BytesIO()
    with zipfile.ZipFile(compressed, "w", zipfile.ZIP_DEFLATED) as zip_file:
        zip_file.writestr("a/data.pkl", bytes(10000))
    yield "compressed", compressed.getvalue()


def pickles():
    storage = b"ctorch\nFloatStorage\n"
    persistent = b"(X\7\0\0\0storage" + storage + b"X\1\0\0\0" + b"0" + b"X\3\0\0\0cpuK\x10tQ"
    rebuild = b"ctorch._utils\n_rebuild_tensor_v2\n"

    def tensor(offset, shape, strides):
        return (b"\x80\2" + rebuild + b"(" + persistent + offset + b"(" + shape + b"t(" + strides
                + b"t\x89ccollections\nOrderedDict\n)RtR.")

    yield "class", b"\x80\2cos\nsystem\nX\4\0\0\0true\x85R."
    yield "builtin", b"\x80\2c__builtin__\neval\nX\3\0\0\0" + b"1+1" + b"\x85R."
    yield "nested_class", b"\x80\4\x8c\2os\x8c\6system\x93)R."
    yield "inst", b"(S'true'\nios\nsystem\n."
    yield "circle", b"\x80\2]q\0h\0a."
    yield "circle_dict", b"\x80\2}q\0X\1\0\0\0ah\0s."
    yield "deep", b"\x80\2" + b"]" * 5000 + b"a" * 4999 + b"."
    yield "laughs", b"\x80\2]q\0" + b"".join(b"](h" + bytes([i]) + b"h" + bytes([i]) + b"eq" + bytes([i + 1]) for i in range(60)) + b"."
    yield "long_text", b"\x80\4\x8d" + struct.pack("<Q", HUGE) + b"abc."
    yield "long_bytes", b"\x80\4\x8e" + struct.pack("<Q", HUGE) + b"abc."
    yield "long_number", b"\x80\2\x8b" + struct.pack("<i", 0x7FFFFFFF) + b"1."
    yield "negative_number", b"\x80\2\x8b" + struct.pack("<i", -1) + b"1."
    yield "frame", b"\x80\4\x95" + struct.pack("<Q", HUGE) + b"}."
    yield "memo", b"\x80\2}r" + struct.pack("<I", 0xFFFFFFFF) + b"j" + struct.pack("<I", 0xFFFFFFFF) + b"."
    yield "no_mark", b"\x80\2tt."
    yield "no_stop", b"\x80\2}"
    yield "empty_stack", b"\x80\2."
    yield "protocol", b"\x80\x7f}."
    yield "extension", b"\x80\2\x82\1."
    yield "tensor", tensor(b"K\0", b"K\4K\4", b"K\4K\1")
    yield "outside", tensor(b"J\xff\xff\xff\x7f", b"K\4", b"K\1")
    yield "before", tensor(b"J\xff\xff\xff\xff", b"K\4", b"K\1")
    yield "wide", tensor(b"K\0", b"\x8a\x08" + struct.pack("<q", HUGE), b"K\0")
    yield "overflow", tensor(b"K\0", (b"\x8a\x08" + struct.pack("<q", HUGE)) * 3, b"K\0" * 3)
    yield "backwards", tensor(b"K\0", b"K\4", b"J\xff\xff\xff\xff")
    yield "dimensions", tensor(b"K\0", b"K\1" * 200, b"K\1" * 200)
    yield "uneven", tensor(b"K\0", b"K\1K\1", b"K\1")


def legacies():
    head = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2)
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    good = pickle.dumps({"epoch": 3}, 2)
    start = head + pickle.dumps(system, 2) + good
    yield "nothing_stored", start + pickle.dumps([], 2)
    yield "key_without_storage", start + pickle.dumps(["0"], 2)
    yield "many_keys", start + pickle.dumps(["0"] * 1000, 2) + struct.pack("<q", 4)
    yield "large_storage", start + pickle.dumps(["0"], 2) + struct.pack("<q", HUGE)
    yield "big_endian", head + pickle.dumps(dict(system, little_endian=False), 2) + good + pickle.dumps([], 2)
    yield "magic_only", head
    yield "other_protocol", pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(9, 2) + good


def safetensors(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def entry(shape, begin, end, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def all_safetensors():
    eight = bytes(range(8))
    yield "empty", safetensors({})
    yield "length", safetensors({}, length=HUGE)
    yield "all_ones", b"\xff" * 16
    yield "overlap", safetensors({"a": entry([2], 0, 8), "b": entry([1], 4, 8)}, eight)
    yield "hole", safetensors({"a": entry([1], 0, 4), "b": entry([1], 8, 12)}, bytes(12))
    yield "behind", safetensors({"a": entry([2], 8, 16)}, eight)
    yield "backwards", safetensors({"a": entry([2], 8, 0)}, eight)
    yield "product", safetensors({"a": entry([1 << 32, 1 << 32, 4], 0, 8)}, eight)
    yield "negative", safetensors({"a": entry([-2], 0, 8)}, eight)
    yield "fraction", safetensors(b'{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}', eight)
    yield "huge_number", safetensors(b'{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}', eight)
    yield "dtype", safetensors({"a": entry([2], 0, 8, "F7")}, eight)
    yield "twice", safetensors(b'{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}', eight)
    yield "deep", safetensors(b"[" * 20000)
    yield "metadata", safetensors({"__metadata__": {"a": 5}, "b": entry([2], 0, 8)}, eight)
    yield "not_utf8", safetensors(b'{"\xff":1}')
    yield "types", safetensors({name: entry([1], i * 8, i * 8 + 8, name) for i, name in enumerate(("F64", "I64"))}, bytes(16))
    yield "zero_byte", safetensors(b'{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}\0{}', eight)
    names = ("a.b.conv1.weight", "a.b.fc.bias", "c.fc.weight", "c.fc.bias", "a..fc.bias", ".fc.bias", "fc.bias.", "d.bias", "d.weight")
    yield "prefixes", safetensors({name: entry([1, 1], i * 4, i * 4 + 4) for i, name in enumerate(names)}, bytes(4 * len(names)))
    yield "no_dimensions", safetensors({"a": entry([], 0, 4)}, eight[:4])
    yield "no_elements", safetensors({"a": entry([0, 5], 0, 0)})


def write(target, seeds):
    folder = ROOT / "fuzz/corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*"):
        if not old.name.startswith("found-"):
            old.unlink()
    for name, content in seeds:
        (folder / name).write_bytes(content)


def with_fixtures(made, paths, content=lambda path: path.read_bytes()):
    for path in sorted(paths):
        name = path.name.split(".")[0]
        yield name, content(path)
        if name in ("training", "views", "written"):
            yield from ((f"{name}-{kind}", bad) for kind, bad in changed(content(path)))
    yield from (("made-" + name, bad) for name, bad in made)


def pickle_of(path):
    with zipfile.ZipFile(path) as zip_file:
        return zip_file.read(next(name for name in zip_file.namelist() if name.endswith("data.pkl")))


def main():
    write("pt_zip", with_fixtures(zips(), FIXTURES.glob("*.zip.pth")))
    write("pt_pickle", with_fixtures(pickles(), FIXTURES.glob("*.zip.pth"), pickle_of))
    write("pt_legacy", with_fixtures(legacies(), FIXTURES.glob("*.legacy.pth")))
    write("safetensors", with_fixtures(all_safetensors(), FIXTURES.glob("*.safetensors")))


if __name__ == "__main__":
    main()
