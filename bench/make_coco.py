"""Makes a JSON in the form of COCO's instances_train2014.json: `make_coco.py FILE [MEGABYTES]`, 450 by default.

As many images for each object, objects of each size, crowds and numbers in polygons as the real one has, all drawn from a seed.
"""
import json
import random
import sys

OBJECTS_PER_IMAGE = 604_907 / 82_783
CATEGORIES = [i for i in range(1, 91) if i not in (12, 26, 29, 30, 45, 66, 68, 69, 71, 83)]  # COCO's ids have gaps


def polygon(rng, x, y, side):
    count = 4 + int(rng.expovariate(1 / 27))
    return [round(c + rng.random() * side, 2) for _ in range(count) for c in (x, y)]


def annotation(rng, number, image, height, width):
    side = 600 * rng.random() ** 3 + 4
    x, y = rng.random() * width * 0.8, rng.random() * height * 0.8
    crowd = rng.random() < 0.012
    if crowd:
        shape = {"counts": [int(rng.expovariate(1 / 200)) for _ in range(400)], "size": [height, width]}
    else:
        shape = [polygon(rng, x, y, side) for _ in range(1 + (rng.random() < 0.1))]
    return {"segmentation": shape, "area": round(side * side * 0.6, 4), "iscrowd": int(crowd), "image_id": image,
            "bbox": [round(v, 2) for v in (x, y, min(side, width - x), min(side, height - y))],
            "category_id": rng.choice(CATEGORIES), "id": number}


def main(path, megabytes=450):
    rng = random.Random(0)
    # Shapes take the time: some thousand are drawn and used again, under other ids.
    drawn = [json.dumps(annotation(rng, 0, 0, 480, 640)) for _ in range(5000)]
    split = [text.partition('"image_id": 0') for text in drawn]
    split = [(head, tail.rpartition('"id": 0')[0]) for head, _, tail in split]
    each = sum(map(len, drawn)) / len(drawn) + 16 + 220 / OBJECTS_PER_IMAGE
    objects = int(float(megabytes) * 1e6 / each)
    images = int(objects / OBJECTS_PER_IMAGE)
    ids = rng.sample(range(1, 600_000), images)
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"info": {"year": 2014, "description": "made by bench/make_coco.py"}, "images": [')
        file.write(", ".join(json.dumps({
            "license": 3, "file_name": f"COCO_train2014_{i:012}.jpg", "coco_url": f"http://example.org/{i:012}.jpg",
            "height": 480, "width": 640, "date_captured": "2013-11-14 16:28:13", "id": i}) for i in ids))
        file.write('], "licenses": [{"id": 3, "name": "none"}], "annotations": [')
        for number in range(objects):
            head, tail = split[number % len(split)]
            file.write(f'{", " if number else ""}{head}"image_id": {rng.choice(ids)}{tail}"id": {number + 1}}}')
        file.write('], "categories": ' + json.dumps([{"supercategory": "thing", "id": i, "name": f"thing {i}"} for i in CATEGORIES]))
        file.write("}")


if __name__ == "__main__":
    main(*sys.argv[1:])
