"""The peer of `./dev bench fashion` and `speedrun` is the same network under the same recipe: fashion_peer_test.py PROGRAM FOLDER.

From the same weights both take ten steps on the same images, without what is random: losses, rates, weights, running statistics and
scores agree. What is random in the peer (crops, flips, squares) is held against its definition."""

import gzip
import json
import pathlib
import shutil
import struct
import subprocess
import sys

import numpy
import torch
from safetensors.torch import load_file

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench" / "peers"))
import fashion_peer  # noqa: E402
import small_nets  # noqa: E402

COUNT, STEPS = 60, 10
RECIPES = ("fashion_mnist --model resnet20 --lr 0.02", "speedrun/fashion_94")


def write_images(folder):
    """Six squares in each of ten shades, as MNIST's files."""
    noise = numpy.random.default_rng(7)
    classes = (numpy.arange(COUNT) % 10).astype(numpy.uint8)
    images = noise.integers(0, 60, (COUNT, 28, 28)).astype(numpy.uint8)
    for image, shade in zip(images, classes):
        image[4 + shade:14 + shade, 6:20] += 19 * shade
    folder.mkdir(parents=True)
    for part in ("train", "t10k"):
        with gzip.open(folder / f"{part}-images-idx3-ubyte.gz", "wb") as file:
            file.write(struct.pack(">IIII", 0x803, COUNT, 28, 28) + images.tobytes())
        with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz", "wb") as file:
            file.write(struct.pack(">II", 0x801, COUNT) + classes.tobytes())


def springbok(program, *words):
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"springbok {' '.join(map(str, words))}\n{done.stdout}{done.stderr}exit code {done.returncode}")
    return done.stdout


def expect_close(what, mine, theirs, relative):
    mine, theirs = torch.as_tensor(mine, dtype=torch.float64), torch.as_tensor(theirs, dtype=torch.float64)
    apart = (mine - theirs).norm() / theirs.norm().clamp_min(1e-6)
    if not apart <= relative:
        sys.exit(f"{what}: {apart:.3g} apart, not {relative}: {mine.flatten()[:6].tolist()} and {theirs.flatten()[:6].tolist()}")


def compare(program, folder, words):
    flags = f"--recipe {words} --batch-size {COUNT} --flip 0 --threads 1 --workers 0 --quiet".split()
    flags += "--pad 0 --cutout 0 --lr 0.02 --muon-rest-lr 0.05".split() if "speedrun" in words else []
    data = f"idx:{folder / 'data'}"
    write_images(folder / "data")
    springbok(program, "train", *flags, "--data", data, "--out", folder / "start", "--epochs", 1)
    start = folder / "start" / "weights.safetensors"
    springbok(program, "train", *flags, "--data", data, "--out", folder / "run", "--epochs", STEPS, "--init", start, "--warmup-epochs", 3)
    recipe = json.loads((folder / "run" / "run.json").read_text())["recipe"]
    fashion_peer.check(recipe)
    model = small_nets.build(recipe["model"], 1, 10)
    missing = model.load_state_dict(load_file(start), strict=False)
    if missing.unexpected_keys or any(not key.endswith("num_batches_tracked") for key in missing.missing_keys):
        sys.exit(f"{words}: keys: {missing}")
    images, classes = fashion_peer.pixels(str(folder / "data"), "train")
    losses = fashion_peer.train(model, images, classes, recipe, order=torch.arange)
    log = [json.loads(line) for line in (folder / "run" / "log.jsonl").read_text().splitlines()]
    steps = [line for line in log if line["kind"] == "step"]
    rates = [recipe["lr"] * fashion_peer.rate(recipe, step, 1) for step in range(STEPS)]
    expect_close(f"{words}: rates", [line["lr"] for line in steps], rates, 1e-6)
    expect_close(f"{words}: first losses", [line["loss"] for line in steps[:4]], losses[:4], 1e-4)
    expect_close(f"{words}: losses", [line["loss"] for line in steps], losses, 0.01)
    last = folder / "run" / "checkpoints" / f"epoch-{STEPS:04}-step-{STEPS:08}.pt"
    theirs = model.state_dict()
    for name, value in torch.load(last, weights_only=True)["state_dict"].items():
        if not name.endswith("num_batches_tracked"):
            expect_close(f"{words}: {name}", value, theirs[name], 0.1)
    compare_scores(program, folder, words, last, model, recipe)


@torch.no_grad()
def compare_scores(program, folder, words, weights, model, recipe):
    """What both say of the test images after the training, and of them and their mirror images."""
    images, classes = fashion_peer.pixels(str(folder / "data"), "t10k")
    flags = ["--weights", weights, "--data", f"idx:{folder / 'data'}", "--split", "val"]
    springbok(program, "eval", *flags, "--predictions", folder / "predictions.json")
    model.eval()
    probabilities = model(fashion_peer.normalised(images, recipe)).softmax(1)
    names = torch.load(weights, weights_only=True)["classes"]  # Fashion-MNIST's where the folder's path says so
    for image, said in zip(probabilities, json.loads((folder / "predictions.json").read_text())):
        five = said["predictions"]
        expect_close(f"{words}: {said['image']}", [row["probability"] for row in five], [image[names.index(row["class"])] for row in five], 0.02)
    mirrored = json.loads(springbok(program, "eval", *flags, "--tta", "flip", "--json"))["top1"]
    plain = json.loads(springbok(program, "eval", *flags, "--json"))["top1"]
    theirs = fashion_peer.accuracy(model, images, classes, recipe)
    if max(abs(plain - theirs[0]), abs(mirrored - theirs[1])) > 200 / COUNT + 0.01:
        sys.exit(f"{words}: {plain} % and {mirrored} % right, not {theirs}")


def check_random_parts():
    """Crops are the image moved by up to `pad`, squares lie about a point of the image and are cut at its edges."""
    torch.manual_seed(3)
    image = torch.arange(1, 785, dtype=torch.int32).remainder(251).add(1).to(torch.uint8).reshape(1, 1, 28, 28)
    padded = torch.nn.functional.pad(image, (2, 2, 2, 2))
    windows = {padded[0, 0, y:y + 28, x:x + 28].numpy().tobytes() for y in range(5) for x in range(5)}
    found = {crop.numpy().tobytes() for crop in fashion_peer.random_crops(image.repeat(1000, 1, 1, 1), 2)}
    if found != windows:
        sys.exit(f"random_crops: {len(found & windows)} of the {len(windows)} windows, and {len(found - windows)} others")
    recipe = {"crop": "none", "flip": 0, "cutout": 8, "mean": [-1], "std": [1]}
    cut = fashion_peer.augmented(image.repeat(4000, 1, 1, 1), recipe)[:, 0] == 0
    rows, columns = cut.any(2), cut.any(1)
    heights, widths = set(rows.sum(1).tolist()), set(columns.sum(1).tolist())
    if not torch.equal(cut, rows[:, :, None] & columns[:, None, :]) or heights != {4, 5, 6, 7, 8} or widths != heights:
        sys.exit(f"cutout: squares of {heights} x {widths}")


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    torch.set_num_threads(1)
    check_random_parts()
    for i, words in enumerate(RECIPES):
        compare(program, folder / str(i), words)


main()
