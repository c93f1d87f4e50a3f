"""Opens what Springbok wrote with `torch.load(weights_only=True)`, plain and mapped, and prints one line a leaf."""
import sys
import zipfile

import torch


def show(value):
    if isinstance(value, torch.Tensor):
        data = value.to(torch.float64).flatten().tolist()
        return f"{value.dtype} {list(value.shape)} {data} of {value.untyped_storage().nbytes()} bytes"
    return f"{type(value).__name__} {value!r}"


def leaves(value, place):
    children = None
    if isinstance(value, dict):
        children = [(repr(key), item) for key, item in value.items()]
    elif isinstance(value, list):
        children = [(str(i), item) for i, item in enumerate(value)]
    if not children:
        yield f"{place} = {show(value)}"
    else:
        for name, item in children:
            yield from leaves(item, f"{place}[{name}]")


def storages(value):
    if isinstance(value, torch.Tensor):
        return [value.untyped_storage().data_ptr()]
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [pointer for child in children for pointer in storages(child)]


for path in sys.argv[1:]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None, f"{path}: wrong checksum"
    root = torch.load(path, weights_only=True)
    mapped = torch.load(path, weights_only=True, mmap=True)
    assert list(leaves(root, "")) == list(leaves(mapped, "")), f"{path}: mapped reads differ"
    assert all(pointer % 64 == 0 for pointer in storages(mapped)), f"{path}: data is not aligned"
    for line in leaves(root, ""):
        print(line)
