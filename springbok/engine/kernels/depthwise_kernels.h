// Depthwise 3 x 3 and 5 x 5 convolutions of stride 1 or 2, over channels-last float rows: what kernels/depthwise.cpp
// puts together. Weights and their gradients are packed: tap row, tap column, channel.
#pragma once

#include <cstdint>

namespace springbok::engine {

constexpr std::int64_t kDepthwiseLanes = 8;  ///< channels are a multiple of it

/// Sizes of one image's convolution.
struct Depthwise {
  std::int64_t height, width, out_height, out_width, channels;
  std::int64_t kernel, stride;  ///< 3 or 5, and 1 or 2
  std::int64_t above, before;   ///< the padding of rows and of columns: less than the kernel

  std::int64_t line() const { return width * channels; }
  std::int64_t out_line() const { return out_width * channels; }
  std::int64_t weights() const { return kernel * kernel * channels; }
};

/// Row `row` of the convolution of `image`: out_width x channels.
void depthwise_row(const Depthwise& conv, const float* image, std::int64_t row, const float* packed, float* out);

/// Row `row` of the gradient of the image, given that of the whole output: width x channels.
void depthwise_input_row(const Depthwise& conv, const float* gradient, std::int64_t row, const float* packed,
                         float* out);

/// Adds what row `row` of the output's gradient (out_width x channels) gives to the packed gradient of the weights.
void depthwise_weights_row(const Depthwise& conv, const float* image, std::int64_t row, const float* gradient,
                           float* packed);

}  // namespace springbok::engine
