// Elastic's ResNeXt and SE-ResNeXt with and without their low-resolution branches (Wang et al., CVPR 2019).
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph elastic_resnext50(const ModelOptions& options);
graph::Graph elastic_resnext50_elastic(const ModelOptions& options);
graph::Graph elastic_resnext101(const ModelOptions& options);
graph::Graph elastic_resnext101_elastic(const ModelOptions& options);
graph::Graph elastic_se_resnext50(const ModelOptions& options);
graph::Graph elastic_se_resnext50_elastic(const ModelOptions& options);

}  // namespace springbok::zoo
