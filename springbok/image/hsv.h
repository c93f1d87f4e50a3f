// Pillow's 8-bit HSV, one pixel at a time.
#pragma once

#include <cstdint>

namespace springbok::image {

struct Hsv {
  std::uint8_t hue = 0;  ///< the circle in 255 steps
  std::uint8_t saturation = 0;
  std::uint8_t value = 0;
  bool operator==(const Hsv&) const = default;
};

/// As Pillow's `convert('HSV')` and back, for one RGB pixel.
Hsv hsv_from_rgb(const std::uint8_t* rgb);
void rgb_from_hsv(Hsv hsv, std::uint8_t* rgb);

}  // namespace springbok::image
