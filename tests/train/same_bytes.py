"""What twelve small runs leave, by hash: same_bytes.py PROGRAM FOLDER [--record]. Guards refactorings of the training core.

Three networks, each: plain; mixed and smoothed; accumulated, clipped, with dropped paths, resumed in the middle of an epoch; with bad
images left out. Hashed are the last checkpoint's tensors (by name, so that added entries do not count), the log's values (without
times) and the released weights. The last bits of a convolution depend on the machine, so fixtures/same_bytes.json keeps the hashes
of each kind of machine that they were recorded on, and for the others losses, which must agree to a few per cent.
"""

import hashlib
import json
import math
import pathlib
import pickle
import platform
import random
import struct
import subprocess
import sys
import zipfile
import zlib

FIXTURE = pathlib.Path(__file__).resolve().parent / "fixtures" / "same_bytes.json"
TIMES = {"data_s", "compute_s", "images_s", "eval_s"}
CLOSE = 0.05  # of a loss, between kinds of machines

NETS = {"resnet20_elastic": "", "regnet_x_200mf": "--stem small", "mobilenet_v3_small": "--stem small"}
COMMON = "--size 32 --epochs 2 --batch-size 8 --lr 0.02 --threads 1 --workers 1 --quiet --seed 3"
VARIANTS = {
    "plain": "--warmup-epochs 1 --brightness 0.4 --norm-decay",
    "mixed": "--mixup 0.2 --cutmix 1 --label-smoothing 0.1 --nesterov --no-norm-decay --schedule step --step-epochs 1",
    "resumed": "--accumulate 2 --clip-norm 1 --drop-path 0.2 --zero-gamma --checkpoint-steps 1 --keep 100",
    "skipped": "--on-bad-image skip --dropout 0.1 --auto-augment rand --random-erasing 0.5 --drop-last",
}


def png(width, height, rgb):
    rows = b"".join(b"\0" + rgb[at:at + 3 * width] for at in range(0, len(rgb), 3 * width))
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks)


def make_images(root, broken):
    noise = random.Random(5)
    for split, count in (("train", 20), ("val", 6)):
        for level, name in ((60, "dusk"), (20, "night"), (200, "noon")):
            folder = root / split / name
            folder.mkdir(parents=True)
            for i in range(count):
                width, height = 36 + i % 5, 40 - i % 3
                whole = png(width, height, bytes(level + noise.randrange(50) for _ in range(3 * width * height)))
                (folder / f"{i:02}.png").write_bytes(whole[:300] if broken and split == "train" and i % 9 == 4 else whole)


class Tensors(pickle.Unpickler):
    """A checkpoint's tree with (dtype, record, offset, shape, stride) in place of tensors."""

    def find_class(self, module, name):
        if name == "_rebuild_tensor_v2":
            return lambda storage, offset, shape, stride, *_: ("tensor", storage, offset, shape, stride)
        return dict if name == "OrderedDict" else f"{module}.{name}"

    def persistent_load(self, key):
        return key[1:3]


def tensors_of(tree, path=""):
    if isinstance(tree, tuple) and tree and tree[0] == "tensor":
        yield path, tree
    elif isinstance(tree, dict):
        for key, value in tree.items():
            yield from tensors_of(value, f"{path}/{key}")
    elif isinstance(tree, (list, tuple)):
        for i, value in enumerate(tree):
            yield from tensors_of(value, f"{path}/{i}")


def hash_of(parts):
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:16]


def checkpoint_hash(path):
    with zipfile.ZipFile(path) as archive:
        prefix = next(name for name in archive.namelist() if name.endswith("/data.pkl"))[:-len("data.pkl")]
        found = sorted(tensors_of(Tensors(archive.open(prefix + "data.pkl")).load()))
        return hash_of(repr((name, tensor[1][0], tensor[2:])).encode() + archive.read(f"{prefix}data/{tensor[1][1]}")
                       for name, tensor in found)


def weights_hash(path):
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    return hash_of(json.dumps([name, entry["dtype"], entry["shape"]]).encode() + data[8 + size + entry["data_offsets"][0]:][:entry["data_offsets"][1] - entry["data_offsets"][0]]
                   for name, entry in sorted(header.items()))


def log_lines(path):
    return [{key: value for key, value in json.loads(line).items() if key not in TIMES | {"kind"}} for line in path.read_text().splitlines()]


def run(program, *words):
    done = subprocess.run([program, "train", *words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"springbok train {' '.join(words)}\n{done.stdout}{done.stderr}exit code {done.returncode}")


def record(program, folder, net, variant):
    out = folder / f"{net}-{variant}"
    data = folder / ("broken" if variant == "skipped" else "images")
    words = ["--model", net, "--data", str(data), *NETS[net].split(), *COMMON.split(), *VARIANTS[variant].split()]
    run(program, *words, "--out", str(out))
    if variant == "resumed":
        middle = next((out / "checkpoints").glob("*-step-00000003.pt"))
        out = folder / f"{net}-{variant}-2"
        run(program, "--data", str(data), "--resume", str(middle), "--out", str(out), "--quiet")
    manifest = json.loads((out / "checkpoints" / "manifest.json").read_text())
    listed = manifest if isinstance(manifest, list) else manifest["checkpoints"]
    lines = log_lines(out / "log.jsonl")
    return {"checkpoint": checkpoint_hash(out / "checkpoints" / listed[-1]["file"]),
            "log": hash_of(json.dumps(line, sort_keys=True).encode() for line in lines),
            "weights": weights_hash(out / "weights.safetensors"),
            "losses": [round(line["loss"], 4) for line in lines if "loss" in line]}


def machine(program):
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    libtorch = version.partition("LibTorch ")[2].partition(",")[0]
    facts = {}
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        facts.setdefault(key.strip(), value.strip())
    flags = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if flag in facts.get("flags", "").split()]
    caches = [path.read_text().strip() for path in sorted(pathlib.Path("/sys/devices/system/cpu/cpu0/cache").glob("index[0-3]/size"))]
    return " ".join([platform.machine(), facts.get("vendor_id", "?"), *flags, *caches, "LibTorch", libtorch])


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    subprocess.run(["rm", "-rf", str(folder)], check=True)
    make_images(folder / "images", False)
    make_images(folder / "broken", True)
    kind = machine(program)
    stored = json.loads(FIXTURE.read_text()) if FIXTURE.exists() else {}
    found = {f"{net} {variant}": record(program, folder, net, variant) for net in NETS for variant in VARIANTS}
    if "--record" in sys.argv:
        stored[kind] = found
        FIXTURE.write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n")
        return
    exact = stored.get(kind)
    wrong = []
    for name, now in found.items():
        if exact:
            wrong += [f"{name}: {part}: {exact[name][part]} recorded, {now[part]} now" for part in now if exact[name][part] != now[part]]
        else:
            then = next(iter(stored.values()))[name]["losses"]
            if len(then) != len(now["losses"]) or not all(math.isclose(a, b, rel_tol=CLOSE) for a, b in zip(then, now["losses"])):
                wrong.append(f"{name}: losses {then} recorded on another kind of machine, {now['losses']} now")
    print(f"{len(found)} runs, compared {'by hash' if exact else 'by loss: nothing is recorded for'} ({kind})")
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()
