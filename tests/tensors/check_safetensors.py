"""Opens what Springbok wrote with the safetensors package and prints metadata and tensors."""
import sys

import safetensors

with safetensors.safe_open(sys.argv[1], "np") as file:
    for key, value in sorted(file.metadata().items()):
        print(key, "=", value)
    for name in file.keys():
        tensor = file.get_tensor(name)
        print(name, "=", tensor.dtype, tensor.tolist())
