// Pixel formats: grey, RGB, alpha and CMYK turned into each other with Pillow's arithmetic.
#pragma once

#include "springbok/image/image.h"

namespace springbok::image {

/// Any image of 1 to 4 channels (2 and 4: the last is alpha, dropped) as 1 (grey) or 3 (RGB) channels. Grey is
/// (19595 R + 38470 G + 7471 B + 32768) >> 16.
Image to_channels(Image image, int channels);

/// CMYK as Adobe stores it (255 = no ink), 4 channels, to RGB.
Image rgb_from_inverted_cmyk(const Image& cmyk);

}  // namespace springbok::image
