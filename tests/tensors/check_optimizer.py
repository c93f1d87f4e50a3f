"""Continues training from a checkpoint that Springbok wrote: model and optimizer take it as PyTorch's own."""
import sys

import torch

checkpoint = torch.load(sys.argv[1], weights_only=True)
model = torch.nn.Linear(3, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=1.0, momentum=0.5)
model.load_state_dict(checkpoint["state_dict"])
optimizer.load_state_dict(checkpoint["optimizer"])
print(optimizer.state_dict()["state"][0]["momentum_buffer"].tolist())
print(optimizer.param_groups[0]["lr"], checkpoint["epoch"])
model(torch.ones(1, 3)).sum().backward()
optimizer.step()
print(model.weight.tolist())
