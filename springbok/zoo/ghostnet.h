// GhostNet (Han et al. 2020) with timm's keys and ModelZoo's.
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph ghostnet_050(const ModelOptions& options);
graph::Graph ghostnet_100(const ModelOptions& options);
graph::Graph ghostnet_130(const ModelOptions& options);
graph::Graph modelzoo_ghostnet_130(const ModelOptions& options);
graph::Graph ghostnet_a(const ModelOptions& options);
graph::Graph ghostnet_600(const ModelOptions& options);

}  // namespace springbok::zoo
