// MobileNet v1, v2 and v3 (Howard et al. 2017, Sandler et al. 2018, Howard et al. 2019).
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph mobilenet_v1(const ModelOptions& options);
graph::Graph mobilenet_v2(const ModelOptions& options);
graph::Graph modelzoo_mobilenet_v2(const ModelOptions& options);
graph::Graph mobilenet_v3_large(const ModelOptions& options);
graph::Graph mobilenet_v3_small(const ModelOptions& options);
graph::Graph modelzoo_mobilenet_v3_large(const ModelOptions& options);
graph::Graph modelzoo_mobilenet_v3_small(const ModelOptions& options);

}  // namespace springbok::zoo
