// Grouped 3 x 3 convolutions of few channels a group, over channels-last float rows: what kernels/grouped_conv.cpp puts
// together. Weights and their gradients are packed: block of 8 output channels, tap row, input channel of the group,
// tap column, output channel of the block.
#pragma once

#include <cstdint>

#include "springbok/engine/kernels/upsample_kernels.h"

namespace springbok::engine {

constexpr std::int64_t kConvBlock = 8;  ///< output channels of a packed block
constexpr std::int64_t kConvTaps = 3;   ///< rows and columns of the kernel

/// Row `row` of the convolution of `image` (stride 1, padding 1). `group` is the channels of a group: 4 or 8.
void grouped_conv_row(const float* image, const Extent& extent, std::int64_t row, std::int64_t group,
                      const float* packed, float* out);

/// Adds what row `row` of the output's gradient gives to the packed gradient of the weights.
void grouped_conv_weights_row(const float* image, const Extent& extent, std::int64_t row, std::int64_t group,
                              const float* gradient, float* packed);

}  // namespace springbok::engine
