// ResNets for small images (He et al. 2016, sec. 4.2) and their elastic twins.
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph resnet20(const ModelOptions& options);
graph::Graph resnet32(const ModelOptions& options);
graph::Graph resnet44(const ModelOptions& options);
graph::Graph resnet56(const ModelOptions& options);
graph::Graph resnet20_elastic(const ModelOptions& options);
graph::Graph resnet32_elastic(const ModelOptions& options);
graph::Graph resnet44_elastic(const ModelOptions& options);
graph::Graph resnet56_elastic(const ModelOptions& options);

}  // namespace springbok::zoo
