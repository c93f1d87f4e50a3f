// Elastic's deep layer aggregation nets (Yu et al. 2018, Wang et al. 2019): classifiers, and segmentation with DLAUp.
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph dla60x(const ModelOptions& options);
graph::Graph dla60x_elastic(const ModelOptions& options);
graph::Graph dla102x(const ModelOptions& options);
graph::Graph dla102x_elastic(const ModelOptions& options);

/// Log-probabilities (N,classes,H,W): H and W as the input's where odd, one less where even.
graph::Graph dla60x_seg(const ModelOptions& options);
graph::Graph dla60x_elastic_seg(const ModelOptions& options);

}  // namespace springbok::zoo
