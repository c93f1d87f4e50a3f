// Inside the room: colours weighted by alpha and back, with Pillow's rounding.
#pragma once

#include "springbok/image/image.h"

namespace springbok::image {

/// a * b / 255, rounded to nearest.
inline int multiply_255(int a, int b) {
  const int product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

/// RGBA: each colour becomes colour * alpha / 255.
void multiply_by_alpha(Image& image);
/// The reverse, cut to whole numbers and to 255; pixels of alpha 0 stay.
void divide_by_alpha(Image& image);

}  // namespace springbok::image
