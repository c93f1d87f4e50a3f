"""Reads COCO's annotations once with pycocotools and makes an array of labels by size of them: `coco_peer.py FILE`."""
import contextlib
import io
import resource
import sys
import time

import numpy
from pycocotools.coco import COCO

rss = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
before = rss()
start = time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()):
    coco = COCO(sys.argv[1])
read = time.perf_counter() - start
column = {category: i for i, category in enumerate(coco.getCatIds())}
labels = numpy.zeros((len(coco.imgs), 3, len(column)), bool)
for i, image in enumerate(coco.imgs):
    for each in coco.imgToAnns[image]:
        area = each["area"]
        labels[i, 0 if area < 32 * 32 else 1 if area < 96 * 96 else 2, column[each["category_id"]]] = True
seconds = time.perf_counter() - start
small, medium, large = labels.sum(axis=(0, 2))
print(f"seconds={seconds} read={read} peak={rss() - before} images={len(coco.imgs)} objects={len(coco.anns)} "
      f"small={small} medium={medium} large={large}")
