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
    def __init__(self, inputs, planes, stride, dilation=1):
        super().__init__()
        self.halve = stride == 1 and planes < 512
        self.low = self.branch(inputs, planes, stride, dilation)
        self.high = self.branch(inputs, planes, stride, dilation)
        self.norm = nn.BatchNorm2d(4 * planes)
        self.shortcut = None
        if stride != 1 or inputs != 4 * planes:
            self.shortcut = nn.Sequential(conv(inputs, 4 * planes, 1, stride), nn.BatchNorm2d(4 * planes))

    @staticmethod
    def branch(inputs, planes, stride, dilation):
        spatial = nn.Conv2d(planes, planes, 3, stride, dilation, dilation, groups=16, bias=False)
        return nn.Sequential(
            conv(inputs, planes), nn.BatchNorm2d(planes), nn.ReLU(inplace=True),
            spatial, nn.BatchNorm2d(planes), nn.ReLU(inplace=True),
            conv(planes, 4 * planes))

    def forward(self, x):
        high = self.high(x)
        if self.halve:
            odd = (0, x.shape[3] % 2, 0, x.shape[2] % 2)
            low = self.low(F.avg_pool2d(F.pad(x, odd, mode="replicate") if any(odd) else x, 2))
            low = F.interpolate(low, scale_factor=2, mode="bilinear", align_corners=False)
            low = low[:, :, :high.shape[2], :high.shape[3]]
        else:
            low = self.low(x)
        y = self.norm(high + low)
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


class View(nn.Sequential):
    """One of the pyramid's: convolution, norm, ReLU."""

    def __init__(self, inputs, outputs, dilation=0):
        spatial = {"padding": dilation, "dilation": dilation} if dilation else {}
        super().__init__(nn.Conv2d(inputs, outputs, 3 if dilation else 1, bias=False, **spatial), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class PixelNet(nn.Module):
    """Elastic's ResNeXt-50 under DeepLabv3's pyramid, output stride 16, the last stage dilated by 2, 4, 8."""

    def __init__(self, classes=21):
        super().__init__()
        whole = Net(ElasticBlock, (6, 8, 5, 0))
        self.stem, self.stages = whole.stem, whole.stages
        self.last = nn.Sequential(*(ElasticBlock(2048 if i else 1024, 512, 1, 2 << i) for i in range(3)))
        self.views = nn.ModuleList([View(2048, 256), *(View(2048, 256, rate) for rate in (6, 12, 18))])
        self.mean = View(2048, 256)
        self.head = nn.Sequential(View(5 * 256, 256), nn.Conv2d(256, classes, 1))

    def forward(self, x):
        y = self.last(self.stages(self.stem(x)))
        mean = self.mean(F.adaptive_avg_pool2d(y, 1)).expand(-1, -1, *y.shape[2:])
        y = self.head(torch.cat([*(view(y) for view in self.views), mean], 1))
        return F.interpolate(y, x.shape[2:], mode="bilinear", align_corners=True)


class MainOutput(nn.Module):
    """torchvision's networks of pixels give a dict. Nothing is dropped, as in ours."""

    def __init__(self, model):
        super().__init__()
        self.model = model
        for module in model.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0

    def forward(self, x):
        return self.model(x)["out"]


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
    own = {"resnet50": lambda: Net(Bottleneck, (3, 4, 6, 3)), "resnext50_elastic": lambda: Net(ElasticBlock, (6, 8, 5, 3)),
           "resnext50_elastic_seg": PixelNet}
    if name in own:
        return own[name]()
    models = torchvision_models()
    if hasattr(models.segmentation, name):
        return MainOutput(getattr(models.segmentation, name)(weights=None, weights_backbone=None))
    dropped = {name: 0.0 for name in ("dropout", "stochastic_depth_prob")}
    maker = getattr(models, name)
    kept = {"efficientnet_b0": dropped, "mobilenet_v2": {"dropout": 0.0}, "mobilenet_v3_large": {"dropout": 0.0}, "mobilenet_v3_small": {"dropout": 0.0}}
    return maker(weights=None, **kept.get(name, {}))
