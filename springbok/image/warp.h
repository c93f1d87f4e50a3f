// Affine transforms and rotation, as Pillow's `Image.transform` and `Image.rotate`.
#pragma once

#include <array>
#include <cstdint>

#include "springbok/image/image.h"
#include "springbok/image/region.h"
#include "springbok/image/resize.h"

namespace springbok::image {

/// Output pixel (x, y) is taken from input position (a x + b y + c, d x + e y + f): {a, b, c, d, e, f}. Pixels have
/// their centres at halves.
using Matrix = std::array<double, 6>;

/// What a transform leaves outside the input, one value a channel.
using Fill = std::array<std::uint8_t, 4>;

struct WarpOptions {
  Filter filter = Filter::nearest;  ///< nearest, bilinear or bicubic, not antialiased
  Fill fill = {};
};

/// The image of `size` that the matrix takes from `image`. 1 to 4 channels; of 4, the last is alpha, by which the
/// others are weighted unless the filter is nearest. Throws Error for other filters.
Image affine(const Image& image, const Matrix& matrix, Size size, const WarpOptions& options);

/// Rotated about its middle by degrees counter-clockwise, same size. 0, 180 and, for squares, 90 and 270 move pixels
/// only.
Image rotate(const Image& image, double degrees, const WarpOptions& options);

}  // namespace springbok::image
