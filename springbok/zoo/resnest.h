// ResNeSt (Zhang et al. 2020) with timm's keys and ModelZoo's.
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph resnest50d(const ModelOptions& options);
graph::Graph resnest101e(const ModelOptions& options);
graph::Graph resnest200e(const ModelOptions& options);
graph::Graph modelzoo_resnest50(const ModelOptions& options);

}  // namespace springbok::zoo
