"""ResNet-50 and Elastic's ResNeXt-50 in plain PyTorch, as peers to time against: same layers, in-place ReLU. Every other
name is torchvision's, without dropout and stochastic depth, as ours are by default."""
import torch
from torch import nn
from torch.nn import functional as F


def conv(inputs, outputs, kernel=1, stride=1, groups=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)


class Bottleneck(nn.Module):
    def __init__(self, inputs, planes, stride):
        super().__init__()
        self.body = nn.Sequential(
            conv(inputs, planes), nn.BatchNorm2d(planes), nn.ReLU(inplace=True),
            conv(planes, planes, 3, stride), nn.BatchNorm2d(planes), nn.ReLU(inplace=True),
            conv(planes, 4 * planes), nn.BatchNorm2d(4 * planes))
        self.shortcut = None
        if stride != 1 or inputs != 4 * planes:
            self.shortcut = nn.Sequential(conv(inputs, 4 * planes, 1, stride), nn.BatchNorm2d(4 * planes))

    def forward(self, x):
        y = self.body(x)
        y += x if self.shortcut is None else self.shortcut(x)
        return F.relu(y, inplace=True)


class ElasticBlock(nn.Module):
    def __init__(self, inputs, planes, stride):
        super().__init__()
        self.halve = stride == 1 and planes < 512
        self.low = self.branch(inputs, planes, stride)
        self.high = self.branch(inputs, planes, stride)
        self.norm = nn.BatchNorm2d(4 * planes)
        self.shortcut = None
        if stride != 1 or inputs != 4 * planes:
            self.shortcut = nn.Sequential(conv(inputs, 4 * planes, 1, stride), nn.BatchNorm2d(4 * planes))

    @staticmethod
    def branch(inputs, planes, stride):
        return nn.Sequential(
            conv(inputs, planes), nn.BatchNorm2d(planes), nn.ReLU(inplace=True),
            conv(planes, planes, 3, stride, groups=16), nn.BatchNorm2d(planes), nn.ReLU(inplace=True),
            conv(planes, 4 * planes))

    def forward(self, x):
        low = self.low(F.avg_pool2d(x, 2) if self.halve else x)
        if self.halve:
            low = F.interpolate(low, scale_factor=2, mode="bilinear", align_corners=False)
        y = self.norm(self.high(x) + low)
        y += x if self.shortcut is None else self.shortcut(x)
        return F.relu(y, inplace=True)


class Net(nn.Module):
    def __init__(self, block, counts):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1))
        blocks, width = [], 64
        for stage, count in enumerate(counts):
            for i in range(count):
                planes = 64 << stage
                blocks.append(block(width, planes, 2 if stage and not i else 1))
                width = 4 * planes
        self.stages = nn.Sequential(*blocks)
        self.fc = nn.Linear(width, 1000)

    def forward(self, x):
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(self.stages(self.stem(x)), 1), 1))


def torchvision_models():
    """torchvision's networks. Where pip's library of its ops is of another torch than ours (the CPU's), its import fails for
    want of two names, which no network calls."""
    try:
        import torchvision
    except RuntimeError:
        for op in ("nms", "qnms"):
            torch.library.define(f"torchvision::{op}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        import torchvision
    return torchvision.models


def build(name):
    own = {"resnet50": lambda: Net(Bottleneck, (3, 4, 6, 3)), "resnext50_elastic": lambda: Net(ElasticBlock, (6, 8, 5, 3))}
    if name in own:
        return own[name]()
    dropped = {name: 0.0 for name in ("dropout", "stochastic_depth_prob")}
    maker = getattr(torchvision_models(), name)
    kept = {"efficientnet_b0": dropped, "mobilenet_v2": {"dropout": 0.0}, "mobilenet_v3_large": {"dropout": 0.0}, "mobilenet_v3_small": {"dropout": 0.0}}
    return maker(weights=None, **kept.get(name, {}))
