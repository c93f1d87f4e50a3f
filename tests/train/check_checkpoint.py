"""Opens a training checkpoint with torch.load(weights_only=True), steps torch.optim.SGD on from its state, and prints facts."""

import sys

import torch

checkpoint = torch.load(sys.argv[1], weights_only=True)
shapes = {key: list(value.shape) for key, value in checkpoint["state_dict"].items()}
parameters = [torch.nn.Parameter(value) for key, value in checkpoint["state_dict"].items()
              if not key.endswith(("running_mean", "running_var", "num_batches_tracked"))]
optimizer = torch.optim.SGD(parameters, lr=1)
optimizer.load_state_dict(checkpoint["optimizer"])
for parameter in parameters:
    parameter.grad = torch.zeros_like(parameter)
optimizer.step()
buffer = optimizer.state[parameters[0]]["momentum_buffer"]
print(checkpoint["model"], checkpoint["epoch"], checkpoint["step"], checkpoint["recipe"]["batch_size"], checkpoint["classes"],
      shapes["fc.weight"], list(buffer.shape), optimizer.param_groups[0]["momentum"], checkpoint["preprocess"]["size"])
