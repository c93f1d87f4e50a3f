// Colours weighted by alpha and back, with Pillow's rounding.
#include "springbok/image/alpha.h"

#include <algorithm>

namespace springbok::image {

void multiply_by_alpha(Image& image) {
  for (std::size_t i = 0; i < image.pixels.size(); i += 4) {
    std::uint8_t* pixel = &image.pixels[i];
    for (int c = 0; c < 3; ++c) pixel[c] = static_cast<std::uint8_t>(multiply_255(pixel[c], pixel[3]));
  }
}

void divide_by_alpha(Image& image) {
  for (std::size_t i = 0; i < image.pixels.size(); i += 4) {
    std::uint8_t* pixel = &image.pixels[i];
    if (pixel[3] == 0) continue;
    for (int c = 0; c < 3; ++c) pixel[c] = static_cast<std::uint8_t>(std::min(255 * pixel[c] / pixel[3], 255));
  }
}

}  // namespace springbok::image
