// ResNet, ResNeXt and Wide ResNet with torchvision's keys.
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph resnet18(const ModelOptions& options);
graph::Graph resnet34(const ModelOptions& options);
graph::Graph resnet50(const ModelOptions& options);
graph::Graph resnet101(const ModelOptions& options);
graph::Graph resnet152(const ModelOptions& options);
graph::Graph resnext50_32x4d(const ModelOptions& options);
graph::Graph resnext101_32x8d(const ModelOptions& options);
graph::Graph resnext101_64x4d(const ModelOptions& options);
graph::Graph wide_resnet50_2(const ModelOptions& options);
graph::Graph wide_resnet101_2(const ModelOptions& options);

}  // namespace springbok::zoo
