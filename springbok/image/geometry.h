// Geometry without arithmetic: crop, flips, padding.
#pragma once

#include <cstdint>

#include "springbok/image/image.h"
#include "springbok/image/region.h"

namespace springbok::image {

/// The region. Throws Error for one that holds no pixels or does not lie inside.
Image crop(const Image& image, const Region& region);

/// Mirrored left to right; top to bottom.
Image flip_horizontally(const Image& image);
Image flip_vertically(const Image& image);

/// The image with a border of `fill` (every channel): rows above and below, columns left and right.
struct Border {
  int top = 0;
  int left = 0;
  int bottom = 0;
  int right = 0;
};
Image pad(const Image& image, const Border& border, std::uint8_t fill = 0);

}  // namespace springbok::image
