"""Makes the files that the reading tests open, and beside each a JSON tree of what PyTorch, NumPy or safetensors put in.

Run from anywhere: `.venv/bin/python tests/tensors/make_fixtures.py` (torch 2.13, numpy 2.4, safetensors 0.8).
"""
import argparse
import collections
import datetime
import fractions
import functools
import hashlib
import io
import itertools
import json
import pathlib
import pickle
import struct
import zipfile

import numpy
import safetensors.torch
import torch

FOLDER = pathlib.Path(__file__).parent / "fixtures"


def show(value):
    """A value as the test prints its own."""
    if isinstance(value, torch.Tensor):
        raw = value.detach().contiguous().view(-1).view(torch.uint8) if value.numel() else torch.empty(0, dtype=torch.uint8)
        return {"tensor": str(value.dtype)[6:], "shape": list(value.shape), "strides": list(value.stride()),
                "bytes": bytes(raw.tolist()).hex()}
    if isinstance(value, numpy.ndarray):
        if value.dtype == object:
            return {"opaque": "numpy.ndarray"}
        return {"tensor": str(value.dtype), "shape": list(value.shape), "strides": [s // value.itemsize for s in value.strides],
                "bytes": value.tobytes().hex()}
    if isinstance(value, numpy.generic):
        return show(value.item())
    if isinstance(value, (torch.device, torch.dtype)):
        return str(value)
    if isinstance(value, dict):
        return {"dict": [[("#" if type(key) is int else "") + str(key), show(item)] for key, item in value.items()]}
    if isinstance(value, (list, tuple, set, frozenset, collections.deque)):
        return [show(item) for item in value]
    if isinstance(value, (bytes, bytearray)):
        return value.decode("ascii")
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, type):
        return {"opaque": f"{value.__module__}.{value.__qualname__}"}
    if value is ...:
        return {"opaque": "builtins.Ellipsis"}
    return {"opaque": f"{type(value).__module__}.{type(value).__qualname__}"}


def expect(name, value, kind):
    text = json.dumps({"kind": kind, "root": show(value)}, separators=(",", ":"), ensure_ascii=False)
    (FOLDER / f"{name}.json").write_text(text + "\n")


def save(name, value, **options):
    torch.save(value, FOLDER / f"{name}.zip.pth", **options)
    expect(f"{name}.zip", value, "zip")
    torch.save(value, FOLDER / f"{name}.legacy.pth", _use_new_zipfile_serialization=False, **options)
    expect(f"{name}.legacy", value, "legacy")


def network():
    """A state dict as nn.Module gives it: OrderedDict with `_metadata`, running statistics, a scalar."""
    torch.manual_seed(1)
    net = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 2, bias=False), torch.nn.BatchNorm2d(3))
    net.train()(torch.randn(2, 2, 4, 4))
    return net


def dtypes():
    names = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]
    tree = {name: torch.tensor([[0, 1, 100]]).to(getattr(torch, name)) for name in names}
    tree["special"] = torch.tensor([float("nan"), float("inf"), -0.0])
    return tree


def views():
    base = torch.arange(24.0).reshape(2, 3, 4)
    tied = torch.arange(4, dtype=torch.int32)
    return {
        "base": base, "transposed": base.permute(2, 0, 1), "row": base[1, 2], "stepped": base[:, ::2, 1::2],
        "channels_last": torch.arange(48.0).reshape(1, 3, 4, 4).contiguous(memory_format=torch.channels_last),
        "expanded": torch.ones(1, 3).expand(4, 3), "empty": torch.empty(0, 3), "scalar": torch.tensor(5), "tied": tied,
        "tied_too": tied, "parameter": torch.nn.Parameter(torch.ones(2)), "frozen": torch.nn.Parameter(torch.ones(2), False),
    }


def attributed():
    parameter = torch.nn.Parameter(torch.ones(2))
    parameter.note = "kept with the parameter"
    return {"parameter": parameter}


def training():
    net = network()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
    net(torch.ones(2, 2, 4, 4)).sum().backward()
    optimizer.step()
    return {
        "epoch": 3, "best": numpy.float64(76.5), "count": numpy.int64(-7), "flag": numpy.bool_(True), "small": numpy.float32(0.5),
        "state_dict": collections.OrderedDict(("module." + key, value) for key, value in net.state_dict().items()),
        "optimizer": optimizer.state_dict(), "args": argparse.Namespace(lr=0.1, name="x"), "when": datetime.date(2020, 1, 2),
        "history": [1.5, None, True, -1, 2**40, -(2**62), "caf\u00e9"], "shape": torch.Size([1, 2]), "tuple": (1, (2, 3)),
        "device": torch.device("cuda", 1), "dtype": torch.float16, "set": {5}, "raw": b"abc", "bytes": bytearray(b"xyz"),
        "default": collections.defaultdict(list, {"a": [1]}), "counter": collections.Counter("aab"),
        "deque": collections.deque([1, 2]), "array": numpy.arange(6, dtype=numpy.int16).reshape(2, 3),
        "fortran": numpy.asfortranarray(numpy.arange(6.0).reshape(2, 3)), "objects": numpy.array([None, "a"], dtype=object),
        "empty": {}, "nothing": [], 0: "an integer key", -5: {"deep": {1: (None,)}},
    }


def python2_names():
    """What protocol 2, torch.save's own, writes under Python 2's names: types as factories and values, errors, iterators."""
    kinds = [int, str, float, bool, bytes, bytearray, complex, list, tuple, dict, set, frozenset, object, range, slice]
    return {
        "factories": [collections.defaultdict(kind, {"a": 1}) for kind in kinds], "kinds": list(kinds),
        "range": range(3), "complex": 1 + 2j, "slice": slice(1, 2), "frozen": frozenset([1]), "bytes": b"abc",
        "errors": [ValueError("x"), StopIteration(), KeyboardInterrupt(), UserWarning("x"), OSError("x"), Exception("x")],
        "count": itertools.count(3), "partial": functools.partial(dict, a=1), "fraction": fractions.Fraction(1, 3),
        "user": [collections.UserDict(a=1), collections.UserList([1]), collections.UserString("x")], "ellipsis": ...,
        "long": 2**40, "weight": torch.ones(2),
    }


def two_types():
    """One record that storages of three types name: torch makes it once, of the first."""
    def text(value):
        return b"X" + struct.pack("<I", len(value)) + value.encode()

    def number(value):
        return b"J" + struct.pack("<i", value)

    def tensor(kind, total, offset, size):
        storage = b"(" + text("storage") + f"ctorch\n{kind}\n".encode() + text("0") + text("cpu") + number(total) + b"tQ"
        return (b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + number(offset) + number(size) + b"\x85" + number(1)
                + b"\x85\x89ccollections\nOrderedDict\n)RtR")

    tree = b"\x80\x02}(" + text("a") + tensor("FloatStorage", 4, 0, 4) + text("b") + tensor("IntStorage", 4, 1, 2)
    path = FOLDER / "two_types.zip.pth"
    with zipfile.ZipFile(path, "w") as file:
        records = {"data.pkl": tree + text("c") + tensor("LongStorage", 2, 0, 2) + b"u.", "byteorder": b"little",
                   "data/0": struct.pack("<4f", 1, 2, 3, 4), "version": b"3\n"}
        for name, content in records.items():
            file.writestr(zipfile.ZipInfo("x/" + name), content)
    expect("two_types.zip", torch.load(path, weights_only=True), "zip")


class Ancient:
    """A tensor as PyTorch 0.1 to 0.3 pickled it: `_rebuild_tensor`, and a storage that shows a part of another."""

    def __init__(self, tensor, storage):
        self.tensor, self.storage = tensor, storage

    def __reduce__(self):
        return torch._utils._rebuild_tensor, (self.storage, self.tensor.storage_offset(), tuple(self.tensor.shape), self.tensor.stride())


class Storage:
    def __init__(self, key, total, view):
        self.key, self.total, self.view = key, total, view


class Pairs:
    """An OrderedDict as Python 2 pickled it: a list of lists."""

    def __init__(self, pairs):
        self.pairs = pairs

    def __reduce__(self):
        return collections.OrderedDict, ([list(pair) for pair in self.pairs],)


class AncientPickler(pickle._Pickler):
    def persistent_id(self, value):
        if isinstance(value, Storage):
            return ("storage", torch.FloatStorage, value.key, "cuda:0", value.total, value.view)
        return None

    def save_text(self, value):  # Python 2's str
        data = value.encode()
        self.write(b"U" + bytes([len(data)]) + data)
        self.memoize(value)

    dispatch = dict(pickle._Pickler.dispatch)
    dispatch[str] = save_text


def ancient():
    base = torch.arange(6.0)
    root = Storage("94", 6, None)
    part = Storage("94", 6, ("95", 2, 3))
    tree = Pairs([("a.weight", Ancient(base.reshape(2, 3), root)), ("b", Ancient(torch.empty(1, 2), part))])
    out = io.BytesIO()
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    for item in (0x1950A86A20F9469CFC6C, 1001, system, tree, ["94"]):
        AncientPickler(out, 2).dump(item)
    out.write(struct.pack("<q", 6) + base.numpy().tobytes())
    path = FOLDER / "ancient.legacy.pth"
    path.write_bytes(out.getvalue())
    loaded = torch.load(path, weights_only=False, map_location="cpu")
    assert loaded["b"].tolist() == [[2.0, 3.0]]
    expect("ancient.legacy", loaded, "legacy")


def written_by_safetensors():
    tensors = {name: value.clone().contiguous() for name, value in dtypes().items()}
    tensors.update({"empty": torch.empty(0, 3), "scalar": torch.tensor(5), "caf\u00e9": torch.ones(1)})
    safetensors.torch.save_file(tensors, FOLDER / "written.safetensors", {"format": "pt"})
    ordered = safetensors.torch.load_file(FOLDER / "written.safetensors")
    with safetensors.safe_open(FOLDER / "written.safetensors", "pt") as file:
        expect("written", {name: ordered[name] for name in file.offset_keys()}, "safetensors")


def conversions():
    """SHA-256 of what torch makes of float patterns in every other type; convert_test.cpp makes the same patterns."""
    low = torch.tensor([0, 1, 0x0FFF, 0x1000, 0x1001, 0x2000, 0x3000, 0x7FFF, 0x8000, 0x8001, 0xFFFF])
    bits = (torch.arange(65536)[:, None] * 65536 + low).flatten()
    floats = torch.from_numpy(bits.numpy().astype(numpy.uint32).view(numpy.float32)).nan_to_num(0, float("inf"), float("-inf"))
    doubles = floats.double() * (1 + 2.0**-30)
    halves = torch.from_numpy(numpy.arange(65536, dtype=numpy.uint16).view(numpy.float16))
    halves = halves.nan_to_num(0, float("inf"), float("-inf"))
    brains = floats[:: len(low)].bfloat16()
    digests = {}
    for name, values in {"float32": floats, "float64": doubles, "float16": halves, "bfloat16": brains}.items():
        for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
            raw = values.to(dtype).view(torch.uint8).numpy().tobytes()
            digests[f"{name} to {str(dtype)[6:]}"] = hashlib.sha256(raw).hexdigest()
    (FOLDER / "conversions.json").write_text(json.dumps(digests, indent=1) + "\n")


def main():
    FOLDER.mkdir(exist_ok=True)
    save("network", network().state_dict())
    save("dtypes", dtypes())
    save("views", views())
    save("training", training())
    save("attributed", attributed())
    save("python2_names", python2_names())
    two_types()
    save("protocol4", training(), pickle_protocol=4)
    save("protocol5", training(), pickle_protocol=5)
    ancient()
    written_by_safetensors()
    conversions()


main()
