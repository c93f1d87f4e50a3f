// Elastic's ResNeXt and SE-ResNeXt with and without their low-resolution branches (Wang et al., CVPR 2019), and the
// segmentation nets made of them.
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph elastic_resnext50(const ModelOptions& options);
graph::Graph elastic_resnext50_elastic(const ModelOptions& options);
graph::Graph elastic_resnext101(const ModelOptions& options);
graph::Graph elastic_resnext101_elastic(const ModelOptions& options);
graph::Graph elastic_se_resnext50(const ModelOptions& options);
graph::Graph elastic_se_resnext50_elastic(const ModelOptions& options);

/// DeepLabv3 heads: logits (N,classes,H,W) of the input's height and width, from features at a sixteenth of them.
graph::Graph resnext50_seg(const ModelOptions& options);
graph::Graph resnext50_elastic_seg(const ModelOptions& options);
graph::Graph resnext101_seg(const ModelOptions& options);
graph::Graph resnext101_elastic_seg(const ModelOptions& options);

}  // namespace springbok::zoo
