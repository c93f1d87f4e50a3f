// GoogLeNet (Szegedy et al. 2015) and Inception v3 (Szegedy et al. 2016) with torchvision's keys.
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph googlenet(const ModelOptions& options);
graph::Graph inception_v3(const ModelOptions& options);

}  // namespace springbok::zoo
