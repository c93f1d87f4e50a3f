// Pixel formats: grey, RGB, alpha and CMYK turned into each other with Pillow's arithmetic.
#include "springbok/image/convert.h"

#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/image/alpha.h"
#include "springbok/image/expect.h"

namespace springbok::image {
Image to_channels(Image image, int channels) {
  if (channels != 1 && channels != 3) fail("images are converted to 1 or 3 channels, not {}", channels);
  expect_whole(image, "a conversion");
  if (image.channels == channels) return image;
  Image out(image.height, image.width, channels);
  const std::uint8_t* from = image.pixels.data();
  const std::uint8_t* end = from + image.pixels.size();
  std::uint8_t* to = out.pixels.data();
  const bool from_grey = image.channels <= 2;
  for (; from != end; from += image.channels, to += channels) {
    if (channels == 1) {
      *to = from_grey ? *from : luma(from);
    } else {
      for (int c = 0; c < 3; ++c) to[c] = from[from_grey ? 0 : c];
    }
  }
  return out;
}

Image rgb_from_inverted_cmyk(const Image& cmyk) {
  expect_channels(cmyk, {4}, "CMYK");
  Image out(cmyk.height, cmyk.width, 3);
  const std::uint8_t* from = cmyk.pixels.data();
  for (std::uint8_t* to = out.pixels.data(); to != out.pixels.data() + out.pixels.size(); from += 4, to += 3) {
    const int light = from[3];
    for (int c = 0; c < 3; ++c) {
      to[c] = static_cast<std::uint8_t>(std::clamp(light - multiply_255(255 - from[c], light), 0, 255));
    }
  }
  return out;
}

}  // namespace springbok::image
