// Geometry without arithmetic: crop, flips, padding.
#include "springbok/image/geometry.h"

#include <algorithm>
#include <cstring>

#include "springbok/base/error.h"
#include "springbok/image/expect.h"

namespace springbok::image {

Image crop(const Image& image, const Region& region) {
  expect_whole(image, "a crop");
  expect_inside(region, {image.height, image.width}, "a crop");
  Image out(region.height, region.width, image.channels);
  for (int y = 0; y < out.height; ++y) {
    const std::uint8_t* from = image.row(region.top + y) + static_cast<std::size_t>(region.left) * image.channels;
    std::copy_n(from, out.stride(), out.row(y));
  }
  return out;
}

Image flip_horizontally(const Image& image) {
  expect_whole(image, "a flip");
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
  expect_whole(image, "a flip");
  Image out(image.height, image.width, image.channels);
  for (int y = 0; y < image.height; ++y) std::copy_n(image.row(image.height - 1 - y), image.stride(), out.row(y));
  return out;
}

Image pad(const Image& image, const Border& border, std::uint8_t fill) {
  expect_whole(image, "padding");
  constexpr int kMostBorder = 1 << 20;
  for (const int side : {border.top, border.left, border.bottom, border.right}) {
    expect_between(side, 0, kMostBorder, "a border");
  }
  Image out(image.height + border.top + border.bottom, image.width + border.left + border.right, image.channels);
  if (fill != 0) std::fill(out.pixels.begin(), out.pixels.end(), fill);
  for (int y = 0; y < image.height; ++y) {
    std::uint8_t* to = out.row(border.top + y) + static_cast<std::size_t>(border.left) * image.channels;
    std::copy_n(image.row(y), image.stride(), to);
  }
  return out;
}

}  // namespace springbok::image
