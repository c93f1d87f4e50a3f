// Doubling an image bilinearly and adding it, over channels-last float rows: what kernels/upsample_add.cpp puts
// together.
#pragma once

#include <cstdint>

namespace springbok::engine {

/// Height and width in pixels, C values each.
struct Extent {
  std::int64_t height, width, channels;
};

/// One row of y = high + low at twice its size (align_corners = false), cut to `high`: row `row` of an image. `scratch`
/// holds a row of `low`.
void add_upsampled_row(const float* low, const Extent& low_extent, std::int64_t row, const float* high,
                       std::int64_t width, float* scratch, float* y);

/// Row `row` of the gradient of `low`, from the whole `gradient` of y. `scratch` holds a row of y.
void upsampled_gradient_row(const float* gradient, const Extent& extent, std::int64_t row, const Extent& low_extent,
                            float* scratch, float* out);

}  // namespace springbok::engine
