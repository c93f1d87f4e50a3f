"""Trained weights name what real photographs show, as their own Python package does: photos_test.py PROGRAM.

The network, its names for the tensors, its preprocessing and ImageNet's classes are found from the weight file alone.
photos.json holds what the package says (make_reference.py).
"""

import json
import math
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SAMPLES = HERE.parents[1] / ".samples"
REFERENCE = json.loads((HERE / "photos.json").read_text())
PROGRAM = None


def predict(*arguments):
    done = subprocess.run([PROGRAM, "predict", "--json", "--topk", "10", *arguments], capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise AssertionError(done.stderr)
    return done.stderr, {pathlib.Path(item["image"]).name: item["predictions"] for item in json.loads(done.stdout)}


class Photos(unittest.TestCase):
    def compare(self, model, got):
        self.assertEqual(sorted(got), sorted(REFERENCE[model]))
        for photo, best in REFERENCE[model].items():
            with self.subTest(model=model, photo=photo):
                ours = {guess["class"]: guess["probability"] for guess in got[photo]}
                self.assertEqual(got[photo][0]["class"], best[0]["class"])
                for guess in best:
                    self.assertAlmostEqual(ours.get(guess["class"], -1), guess["probability"], delta=1e-3, msg=guess["class"])

    def test_bare_weights(self):
        for model in REFERENCE:
            file = SAMPLES / (model.replace("_", "-") + ".pth")
            said, got = predict("--weights", file, SAMPLES / "photos")
            tensors = 296 if model == "efficientnet_lite0" else 386
            self.assertEqual(said, f"{file}: {model}: loaded {tensors} tensors, {tensors} renamed from EfficientNet-PyTorch's "
                                   f"names; images as published: EfficientNet-PyTorch {file.stem}\n")
            self.compare(model, got)

    def test_the_network_is_found(self):
        done = subprocess.run([PROGRAM, "weights", "inspect", SAMPLES / "efficientnet-lite1.pth"], capture_output=True,
                              text=True, check=True)
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], f"{SAMPLES / 'efficientnet-lite1.pth'}: PyTorch, the form before 1.6, 21.9 MB")
        self.assertEqual(lines[-2], "fits: efficientnet_lite1 (100 %, under EfficientNet-PyTorch's names)")
        self.assertTrue(lines[-1].startswith("images: shorter side to 272 (bicubic), centre 240 x 240, "))
        self.assertTrue(lines[-1].endswith("; published: EfficientNet-PyTorch efficientnet-lite1"))

    def test_imagenets_folders(self):
        """By synset, index, name and list: the loss is over all 1000 outputs, whatever classes the data have."""
        shown = {"chelsea.png": ("n02123159", "282", "tiger cat"), "coffee.png": ("n07920052", "967", "espresso")}
        best = REFERENCE["efficientnet_lite0"]
        expected = -sum(math.log(guess["probability"]) for photo in shown for guess in best[photo]
                        if guess["class"] == shown[photo][2]) / len(shown)
        layouts = {"synset": (0, 0), "index": (1, 1), "name": (2, 2), "name and synset": (0, 2)}
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for by, which in layouts.items():
                for (photo, names), column in zip(shown.items(), which):
                    (root / by / "val" / names[column]).mkdir(parents=True)
                    shutil.copy(SAMPLES / "photos" / photo, root / by / "val" / names[column])
            for photo in shown:
                shutil.copy(SAMPLES / "photos" / photo, root)
            (root / "val.txt").write_text("".join(f"{photo} {names[1]}\n" for photo, names in shown.items()))
            for by, data in [*((by, root / by) for by in layouts), ("index", f"list:{root}")]:
                with self.subTest(by=by, data=data):
                    done = subprocess.run([PROGRAM, "eval", "--json", "--quiet", "--weights",
                                           SAMPLES / "efficientnet-lite0.pth", "--data", data],
                                          capture_output=True, text=True, check=True)
                    told = json.loads(done.stdout)
                    self.assertEqual((told["images"], told["top1"], told["classes_matched_by"]), (2, 100, by))
                    self.assertAlmostEqual(told["loss"], expected, delta=2e-3)

    def test_converted_weights(self):
        with tempfile.TemporaryDirectory() as folder:
            converted = pathlib.Path(folder) / "lite0.safetensors"
            subprocess.run([PROGRAM, "weights", "convert", SAMPLES / "efficientnet-lite0.pth", converted, "--model",
                            "efficientnet_lite0"], check=True, capture_output=True)
            said, got = predict("--weights", converted, SAMPLES / "photos")
        self.assertEqual(said, "")
        self.compare("efficientnet_lite0", got)


if __name__ == "__main__":
    PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve()
    if not SAMPLES.exists():
        sys.exit(f"photos_test: {SAMPLES} is missing; './dev setup' fetches it")
    unittest.main()
