// ResNets of octave convolutions (Chen et al. 2019), keys of ModelZoo.
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph oct_resnet50_alpha0_125(const ModelOptions& options);
graph::Graph oct_resnet50_alpha0_25(const ModelOptions& options);
graph::Graph oct_resnet50_alpha0_5(const ModelOptions& options);
graph::Graph oct_resnet101_alpha0_125(const ModelOptions& options);
graph::Graph oct_resnet101_alpha0_25(const ModelOptions& options);
graph::Graph oct_resnet101_alpha0_5(const ModelOptions& options);
graph::Graph oct_resnet152_alpha0_125(const ModelOptions& options);
graph::Graph oct_resnet152_alpha0_25(const ModelOptions& options);
graph::Graph oct_resnet152_alpha0_5(const ModelOptions& options);
graph::Graph oct_resnet50v2_alpha0_125(const ModelOptions& options);
graph::Graph oct_resnet50v2_alpha0_25(const ModelOptions& options);
graph::Graph oct_resnet50v2_alpha0_5(const ModelOptions& options);
graph::Graph oct_resnet50_32x4d_alpha0_25(const ModelOptions& options);
graph::Graph oct_resnet50_32x4d_alpha0_5(const ModelOptions& options);
graph::Graph oct_resnet101_32x8d_alpha0_125(const ModelOptions& options);
graph::Graph oct_resnet101_32x8d_alpha0_25(const ModelOptions& options);
graph::Graph oct_resnet101_32x8d_alpha0_5(const ModelOptions& options);
graph::Graph modelzoo_oct_resnet50_alpha0_125(const ModelOptions& options);
graph::Graph modelzoo_oct_resnet50_alpha0_25(const ModelOptions& options);
graph::Graph modelzoo_oct_resnet50_alpha0_5(const ModelOptions& options);
graph::Graph modelzoo_oct_resnet50_32x4d_alpha0_25(const ModelOptions& options);
graph::Graph modelzoo_oct_resnet50_32x4d_alpha0_5(const ModelOptions& options);
graph::Graph modelzoo_oct_resnet101_32x8d_alpha0_125(const ModelOptions& options);
graph::Graph modelzoo_oct_resnet101_32x8d_alpha0_25(const ModelOptions& options);
graph::Graph modelzoo_oct_resnet101_32x8d_alpha0_5(const ModelOptions& options);

}  // namespace springbok::zoo
