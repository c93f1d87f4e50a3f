// Networks without their classifiers, on which segmentation builds: the keys are those of the published classifiers.
#pragma once

#include <vector>

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/variants.h"

namespace springbok::zoo {

/// ResNet's four stages, outputs at strides 4, 8, 16 and 32. A dilated one stays at stride 8 (Chen et al. 2017,
/// arXiv:1706.05587, sec. 3.1). As by torchvision's `replace_stride_with_dilation`, its third stage has dilation 2
/// behind its first block, its fourth 2, then 4.
std::vector<Value> resnet_trunk(const Scope& root, const ResNetShape& shape, bool dilated, const ModelOptions& options);

/// MobileNet v3 Large up to its last convolution, with torchvision's keys but for `features.`. The last three blocks
/// have dilation 2 instead of a stride. Maps at strides 8 and 16, of 40 and 960 channels.
std::vector<Value> mobilenet_v3_trunk(const Scope& root, const ModelOptions& options);

/// EfficientNet-Lite0 without its last convolution: maps at strides 4, 8, 16 and 32, of 24, 40, 112 and 320 channels.
std::vector<Value> lite0_trunk(const Scope& root, const ModelOptions& options);

}  // namespace springbok::zoo
