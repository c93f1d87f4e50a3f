// DenseNet (Huang et al. 2017) with torchvision's keys, and with Elastic's keys and low-resolution branches.
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph densenet121(const ModelOptions& options);
graph::Graph densenet161(const ModelOptions& options);
graph::Graph densenet169(const ModelOptions& options);
graph::Graph densenet201(const ModelOptions& options);
graph::Graph elastic_densenet201(const ModelOptions& options);
graph::Graph densenet201_elastic(const ModelOptions& options);

}  // namespace springbok::zoo
