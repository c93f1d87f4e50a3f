"""The embedder refuses weights of which a tensor is missing: incomplete_test.py EMBED PROGRAM SAMPLES OUTSIDE."""

import json
import pathlib
import subprocess
import sys

embed, program, samples, outside = sys.argv[1:]
whole = pathlib.Path(outside) / "lite0.safetensors"
subprocess.run([program, "weights", "convert", f"{samples}/efficientnet-lite0.pth", whole, "--model", "efficientnet_lite0"],
               check=True, capture_output=True)

# safetensors: the header's length, the header in JSON, the values.
contents = whole.read_bytes()
length = int.from_bytes(contents[:8], "little")
header = json.loads(contents[8:8 + length])
tensors = sorted((name for name in header if name != "__metadata__"), key=lambda name: header[name]["data_offsets"])
last = tensors[-1]
begin, _ = header.pop(last)["data_offsets"]
text = json.dumps(header).encode()
cut = pathlib.Path(outside) / "incomplete.safetensors"
cut.write_bytes(len(text).to_bytes(8, "little") + text + contents[8 + length:8 + length + begin])

done = subprocess.run([embed, f"{samples}/photos/coffee.png", cut], capture_output=True, text=True, check=False)
assert done.returncode == 1 and done.stdout == "", done
assert done.stderr.startswith(f"embed: {cut}: ") and "1 missing" in done.stderr and last in done.stderr, done.stderr
print("incomplete weights are refused")
