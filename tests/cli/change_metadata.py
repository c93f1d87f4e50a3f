"""Changes what released weights say of their preprocessing: change_metadata.py IN OUT KEY JSON [TEXT AFTER A NUL]."""

import json
import struct
import sys


def main(source, target, key, value, *behind):
    with open(source, "rb") as file:
        content = file.read()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:8 + size])
    preprocess = json.loads(header["__metadata__"]["preprocess"])
    preprocess[key] = json.loads(value)
    header["__metadata__"]["preprocess"] = "\0".join([json.dumps(preprocess), *behind])
    text = json.dumps(header).encode()
    with open(target, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + content[8 + size:])


main(*sys.argv[1:])
