"""Small networks for 28x28 images in plain PyTorch, layer for layer those of the zoo, as peers to train against."""
import torch
from torch import nn
from torch.nn import functional as F


def conv3(inputs, outputs, stride=1):
    return nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)


class Basic(nn.Module):
    """Two 3x3 convolutions; a shortcut without parameters: every second pixel, and zeros for new channels."""

    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1, self.bn1 = conv3(inputs, width, stride), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = conv3(width, width), nn.BatchNorm2d(width)
        self.stride, self.extra, self.before = stride, width - inputs, (width - inputs) // 2

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = self.bn2(self.conv2(y))
        if self.stride > 1 or self.extra:
            x = F.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, self.before, self.extra - self.before))
        return F.relu(y + x, inplace=True)


class CifarResNet(nn.Module):
    def __init__(self, depth, channels, classes):
        super().__init__()
        blocks, inputs = [], 16
        for width in (16, 32, 64):
            for i in range((depth - 2) // 6):
                blocks.append(Basic(inputs, width, 2 if width > 16 and i == 0 else 1))
                inputs = width
        self.conv1, self.bn1 = conv3(channels, 16), nn.BatchNorm2d(16)
        self.blocks, self.fc = nn.Sequential(*blocks), nn.Linear(64, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        x = self.blocks(F.relu(self.bn1(self.conv1(x)), inplace=True))
        return self.fc(x.mean((2, 3)))


def build(name, channels, classes):
    makers = {"resnet20": lambda: CifarResNet(20, channels, classes), "resnet32": lambda: CifarResNet(32, channels, classes)}
    if name not in makers:
        raise SystemExit(f"small_nets.py: no network '{name}' here; there are {', '.join(makers)}")
    return makers[name]()
