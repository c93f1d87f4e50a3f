// Pixel formats: grey, RGB, alpha and CMYK turned into each other with Pillow's arithmetic.
#pragma once

#include "springbok/image/image.h"

namespace springbok::image {

/// Grey of one RGB pixel: ITU-R 601, (19595 R + 38470 G + 7471 B + 32768) >> 16.
inline std::uint8_t luma(const std::uint8_t* rgb) {
  return static_cast<std::uint8_t>((19595U * rgb[0] + 38470U * rgb[1] + 7471U * rgb[2] + 32768U) >> 16);
}

/// Any image of 1 to 4 channels (2 and 4: the last is alpha, dropped) as 1 (grey) or 3 (RGB) channels. Grey is `luma`.
Image to_channels(Image image, int channels);

/// CMYK as Adobe stores it (255 = no ink), 4 channels, to RGB.
Image rgb_from_inverted_cmyk(const Image& cmyk);

}  // namespace springbok::image
