// Making an image, and what a caller's must be before its pixels are read.
#include "springbok/image/expect.h"

#include <algorithm>
#include <string>
#include <vector>

#include "springbok/base/error.h"

namespace springbok::image {

Image::Image(int h, int w, int c) : height(h), width(w), channels(c) {
  constexpr double kMostBytes = 1e12;
  if (h < 0 || w < 0 || c < 0 || static_cast<double>(h) * w * c > kMostBytes) {
    fail("there is no image of {} x {} and {} channels", h, w, c);
  }
  pixels.resize(stride() * static_cast<std::size_t>(h));
}

void expect_whole(const Image& image, const char* what) {
  if (image.height < 1 || image.width < 1 || image.channels < 1 || image.channels > 4) {
    fail("{}: an image has sizes above 0 and 1 to 4 channels, got {} x {} of {}", what, image.height, image.width,
         image.channels);
  }
  const std::size_t wanted = image.stride() * static_cast<std::size_t>(image.height);
  if (image.pixels.size() != wanted) {
    fail("{}: an image of {} x {} and {} channels has {} bytes of pixels, got {}", what, image.height, image.width,
         image.channels, wanted, image.pixels.size());
  }
}

void expect_channels(const Image& image, std::initializer_list<int> channels, const char* what) {
  expect_whole(image, what);
  if (std::find(channels.begin(), channels.end(), image.channels) != channels.end()) return;
  std::vector<std::string> names;
  for (const int count : channels) names.push_back(format("{}", count));
  fail("{}: takes {} channels, the image has {}; image::to_channels changes them", what, join(names, " or "),
       image.channels);
}

void expect_inside(const Region& region, Size image, const char* what) {
  if (inside(region, image)) return;
  fail("{}: {} x {} pixels at {}, {} do not lie inside {} x {}", what, region.height, region.width, region.top,
       region.left, image.height, image.width);
}

void expect_between(double value, double least, double most, const char* what) {
  const bool inside = value >= least && value <= most;
  if (!inside) fail("{}: must be between {} and {}, got {}", what, least, most, value);
}

}  // namespace springbok::image
