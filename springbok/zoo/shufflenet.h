// ShuffleNet v2 (Ma et al. 2018) with torchvision's keys.
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph shufflenet_v2_x0_5(const ModelOptions& options);
graph::Graph shufflenet_v2_x1_0(const ModelOptions& options);
graph::Graph shufflenet_v2_x1_5(const ModelOptions& options);
graph::Graph shufflenet_v2_x2_0(const ModelOptions& options);

}  // namespace springbok::zoo
