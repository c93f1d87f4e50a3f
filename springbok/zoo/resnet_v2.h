// ResNet v2 and ResNeXt v2 (He et al. 2016, arXiv:1603.05027) with ModelZoo's keys.
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph resnet18v2(const ModelOptions& options);
graph::Graph resnet34v2(const ModelOptions& options);
graph::Graph resnet50v2(const ModelOptions& options);
graph::Graph resnet101v2(const ModelOptions& options);
graph::Graph resnet152v2(const ModelOptions& options);
graph::Graph resnext50v2_32x4d(const ModelOptions& options);
graph::Graph resnext101v2_32x8d(const ModelOptions& options);
graph::Graph modelzoo_resnet101v2(const ModelOptions& options);
graph::Graph modelzoo_resnet152v2(const ModelOptions& options);
graph::Graph modelzoo_resnext50v2_32x4d(const ModelOptions& options);
graph::Graph modelzoo_resnext101v2_32x8d(const ModelOptions& options);

}  // namespace springbok::zoo
