"""Small networks for 28x28 images in plain PyTorch, layer for layer and key for key those of the zoo, as peers to train against."""
import torch
from torch import nn
from torch.nn import functional as F


def conv3(inputs, outputs, stride=1):
    return nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)


def start(net):
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


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
        self.conv1, self.bn1 = conv3(channels, 16), nn.BatchNorm2d(16)
        count = (depth - 2) // 6
        self.layer1 = nn.Sequential(*(Basic(16, 16, 1) for _ in range(count)))
        self.layer2 = nn.Sequential(*(Basic(32 if i else 16, 32, 1 if i else 2) for i in range(count)))
        self.layer3 = nn.Sequential(*(Basic(64 if i else 32, 64, 1 if i else 2) for i in range(count)))
        self.fc = nn.Linear(64, classes)
        start(self)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        return self.fc(self.layer3(self.layer2(self.layer1(x))).mean((2, 3)))


class Stage(nn.Module):
    """A convolution of stride 2 and a residual block."""

    def __init__(self, inputs, width, kernel=3):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, width, kernel, 2, kernel // 2, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = conv3(width, width), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = conv3(width, width), nn.BatchNorm2d(width)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = F.relu(self.bn2(self.conv2(x)), inplace=True)
        return F.relu(self.bn3(self.conv3(y)) + x, inplace=True)


class Sprint(nn.Module):
    def __init__(self, width, channels, classes):
        super().__init__()
        self.layer1, self.layer2, self.layer3 = Stage(channels, width, 5), Stage(width, 2 * width), Stage(2 * width, 4 * width)
        self.fc = nn.Linear(4 * width, classes)
        start(self)

    def forward(self, x):
        return self.fc(self.layer3(self.layer2(self.layer1(x))).mean((2, 3)))


def build(name, channels, classes):
    makers = {"resnet20": lambda: CifarResNet(20, channels, classes), "resnet32": lambda: CifarResNet(32, channels, classes)}
    makers |= {f"sprint{width}": lambda width=width: Sprint(width, channels, classes) for width in (32, 48, 64)}
    if name not in makers:
        raise SystemExit(f"small_nets.py: no network '{name}' here; there are {', '.join(makers)}")
    return makers[name]()
