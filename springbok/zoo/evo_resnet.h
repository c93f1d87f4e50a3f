// ResNet v2 with EvoNorm-B0 (Liu et al. 2020) with ModelZoo's keys.
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph evo_resnet50(const ModelOptions& options);
graph::Graph evo_resnet101(const ModelOptions& options);
graph::Graph evo_resnet152(const ModelOptions& options);
graph::Graph evo_resnext50_32x4d(const ModelOptions& options);
graph::Graph evo_resnext101_32x8d(const ModelOptions& options);
graph::Graph evo_resnet50_bn(const ModelOptions& options);
graph::Graph modelzoo_evo_resnet18(const ModelOptions& options);

}  // namespace springbok::zoo
