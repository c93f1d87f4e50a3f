"""`./dev demo` does what it promises, on a handful of images: demo_test.py PROGRAM. Its script runs as it stands; a program in front of the
real one hands each training fewer images and epochs."""

import gzip
import json
import os
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "cli"))
import make_cutouts  # noqa: E402

PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve()
FASHION = "idx:/usr/share/datasets/fashion-mnist"
# What each command gets in place of its own values; a training of Fashion-MNIST keeps its size.
FEWER = {"train": {"--epochs": "1", "--batch-size": "8", "--workers": "0", "--warmup-epochs": "0"},
         "data": {"--train": "16", "--val": "4", "--size": "64"}}
IN_FRONT = f"""#!{sys.executable}
import os, sys
words = [word.replace({FASHION!r}, "idx:" + os.environ["FASHION"]) for word in sys.argv[1:]]
for flag, value in {FEWER!r}.get(words[0], {{}}).items():
    if flag in words:
        words[words.index(flag) + 1] = value
    else:
        words += [flag, value]
if words[0] == "train" and "composed" in " ".join(words):
    words += ["--size", "64"]
os.execv({str(PROGRAM)!r}, [{str(PROGRAM)!r}, *words])
"""


def write_fashion(folder):
    """Ten classes in MNIST's files, each a shade."""
    folder.mkdir()
    noise = random.Random(7)
    for part, count in (("train", 40), ("t10k", 20)):
        classes = bytes(i % 10 for i in range(count))
        pixels = bytes(25 * each + noise.randrange(20) for each in classes for _ in range(28 * 28))
        with gzip.open(folder / f"{part}-images-idx3-ubyte.gz", "wb") as file:
            file.write(struct.pack(">IIII", 0x803, count, 28, 28) + pixels)
        with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz", "wb") as file:
            file.write(struct.pack(">II", 0x801, count) + classes)


def write_stamps(folder):
    """Four cut-outs for each class that the demo shows, no two of them alike."""
    names = re.search(r"^shown=(.*)$", (ROOT / "tools/demo.sh").read_text(), re.M)[1].split(",")
    for number, name in enumerate(names):
        place = folder / name
        place.mkdir(parents=True)
        for i in range(4):
            (place / f"{i}.png").write_bytes(make_cutouts.png((30 * number, 60 * i, 90), lambda y, x: (y - 20) ** 2 + (x - 20) ** 2 < 300))
    return names


class Demo(unittest.TestCase):
    def setUp(self):
        self.tree = pathlib.Path(tempfile.mkdtemp(prefix="demo"))
        self.addCleanup(shutil.rmtree, self.tree)
        for folder in ("tools", "build"):
            (self.tree / folder).mkdir()
        shutil.copy(ROOT / "tools/demo.sh", self.tree / "tools")
        for name in ("recipes", ".samples"):
            (self.tree / name).symlink_to(ROOT / name)
        program = self.tree / "build/springbok"
        program.write_text(IN_FRONT)
        program.chmod(0o755)
        write_fashion(self.tree / "fashion")
        self.made = self.tree / "runs/demo"

    def demo(self, stamps):
        done = subprocess.run([self.tree / "tools/demo.sh"], capture_output=True, text=True,
                              env={**os.environ, "STAMPS": str(stamps), "FASHION": str(self.tree / "fashion")})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertFalse((self.tree / "runs/demo.new").exists())
        results = dict(word.split("=") for word in done.stdout.splitlines()[-1].split())
        return results, (self.made / "tasks.html").read_text(), done.stderr

    def last_epoch(self, name):
        lines = map(json.loads, (self.made / name / "log.jsonl").read_text().splitlines())
        return [line for line in lines if line["kind"] == "epoch"][-1]

    def pictures_below(self, page, title):
        sections = [part for part in page.split("<section") if re.search(rf"<h2>{title}", part)]
        self.assertEqual(len(sections), 1, f"sections '{title}'")
        return len(re.findall(r"<img [^>]*src=\"data:image", sections[0]))

    def test_ends_with_pictures_of_each_task(self):
        classes = write_stamps(self.tree / "stamps")
        results, page, _ = self.demo(self.tree / "stamps")
        self.assertEqual(list(results), ["top1", "twin_top1", "mAP", "mIoU", "train_seconds", "seconds"])
        for name, key in (("labels", "mAP"), ("pixels", "mIoU")):
            self.assertAlmostEqual(float(results[key]), self.last_epoch(name)[f"val_{key}"], delta=0.006)
        self.assertGreaterEqual(self.pictures_below(page, "Mistakes: elastic"), 1)
        self.assertEqual(self.pictures_below(page, "Labels: labels"), 4)
        self.assertEqual(self.pictures_below(page, "Masks: pixels"), 4 * 4)  # image, truth, prediction, errors
        for name in classes:
            self.assertIn(name.split("/")[-1], page)
        self.assertEqual(len(list((self.made / "pixels.pictures/overlays").rglob("*.jpg"))), 4)
        self.assertTrue((self.made / "pixels.pictures/legend.html").exists())
        self.assertEqual((self.made / "labels.txt").read_text().count("COCO_val2014"), 4)
        self.assertIn("✗", (self.made / "report.html").read_text() + page)

    def test_says_what_is_missing_and_shows_the_rest(self):
        results, page, said = self.demo("/nowhere")
        self.assertEqual(list(results), ["top1", "twin_top1", "train_seconds", "seconds"])
        left_out = "demo: labels and pixels are left out: no cut-outs in /nowhere; as root, run apt-get install tuxpaint-stamps-default"
        self.assertEqual([line for line in said.splitlines() if line.startswith("demo:")], [left_out])
        self.assertGreaterEqual(self.pictures_below(page, "Mistakes"), 1)
        self.assertNotIn("<h2>Masks", page)


if __name__ == "__main__":
    unittest.main()
