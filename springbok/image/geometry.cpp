// Geometry without arithmetic: crop, flips, padding.
#include "springbok/image/geometry.h"

#include <algorithm>
#include <cstring>

#include "springbok/base/error.h"

namespace springbok::image {

Image crop(const Image& image, const Region& region) {
  check(inside(region, {image.height, image.width}), "a crop lies inside the image");
  Image out(region.height, region.width, image.channels);
  for (int y = 0; y < out.height; ++y) {
    const std::uint8_t* from = image.row(region.top + y) + static_cast<std::size_t>(region.left) * image.channels;
    std::copy_n(from, out.stride(), out.row(y));
  }
  return out;
}

Image flip_horizontally(const Image& image) {
  Image out(image.height, image.width, image.channels);
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* from = image.row(y) + image.stride();
    for (std::uint8_t* to = out.row(y); to != out.row(y) + out.stride(); to += image.channels) {
      from -= image.channels;
      std::copy_n(from, image.channels, to);
    }
  }
  return out;
}

Image flip_vertically(const Image& image) {
  Image out(image.height, image.width, image.channels);
  for (int y = 0; y < image.height; ++y) std::copy_n(image.row(image.height - 1 - y), image.stride(), out.row(y));
  return out;
}

Image pad(const Image& image, const Border& border, std::uint8_t fill) {
  check(border.top >= 0 && border.left >= 0 && border.bottom >= 0 && border.right >= 0, "a border is not negative");
  Image out(image.height + border.top + border.bottom, image.width + border.left + border.right, image.channels);
  if (fill != 0) std::fill(out.pixels.begin(), out.pixels.end(), fill);
  for (int y = 0; y < image.height; ++y) {
    std::uint8_t* to = out.row(border.top + y) + static_cast<std::size_t>(border.left) * image.channels;
    std::copy_n(image.row(y), image.stride(), to);
  }
  return out;
}

}  // namespace springbok::image
