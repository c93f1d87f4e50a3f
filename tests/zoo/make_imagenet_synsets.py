"""Writes springbok/zoo/imagenet_synsets.txt: the WordNet ids of ImageNet's 1000 classes and their words, in the order of
networks' outputs, from timm's tables. Usage: make_imagenet_synsets.py OUT"""

import pathlib
import sys

import timm

info = pathlib.Path(timm.__file__).parent / "data" / "_info"
words = dict(line.split("\t") for line in (info / "imagenet_synset_to_lemma.txt").read_text().splitlines())
synsets = (info / "imagenet_synsets.txt").read_text().split()
assert len(synsets) == 1000 and synsets == sorted(synsets)
pathlib.Path(sys.argv[1]).write_text("".join(f"{each} {words[each]}\n" for each in synsets))
