// SqueezeNet (Iandola et al. 2016) with torchvision's keys.
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph squeezenet1_0(const ModelOptions& options);
graph::Graph squeezenet1_1(const ModelOptions& options);

}  // namespace springbok::zoo
