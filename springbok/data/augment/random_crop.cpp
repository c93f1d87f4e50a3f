// RandomResizedCrop's choice of a region.
#include "springbok/data/augment/random_crop.h"

#include <cmath>

namespace springbok::data {
namespace {

/// Python's round: halves go to the even neighbour (the rounding mode of every program that does not change it).
int rounded(double value) {
  return static_cast<int>(std::nearbyint(value));
}

int below(Draws draws, int bound) {
  return static_cast<int>(draws.below(static_cast<std::uint64_t>(bound)));
}

}  // namespace

std::optional<image::Size> try_region(image::Size image, float share, float log_ratio) {
  const double area = static_cast<double>(image.height) * image.width * static_cast<double>(share);
  const auto ratio = static_cast<double>(std::exp(log_ratio));
  const image::Size size{rounded(std::sqrt(area / ratio)), rounded(std::sqrt(area * ratio))};
  const bool fits = size.width > 0 && size.width <= image.width && size.height > 0 && size.height <= image.height;
  return fits ? std::optional(size) : std::nullopt;
}

image::Region fallback_region(image::Size image, const CropLimits& limits) {
  const double ratio = static_cast<double>(image.width) / image.height;
  image::Size size = image;
  if (ratio < limits.ratio_min) {
    size.height = rounded(image.width / limits.ratio_min);
  } else if (ratio > limits.ratio_max) {
    size.width = rounded(image.height * limits.ratio_max);
  }
  return {(image.height - size.height) / 2, (image.width - size.width) / 2, size.height, size.width};
}

image::Region random_region(image::Size image, const CropLimits& limits, Draws draws) {
  constexpr int kTries = 10;
  const float log_min = std::log(static_cast<float>(limits.ratio_min));
  const float log_max = std::log(static_cast<float>(limits.ratio_max));
  for (int i = 0; i < kTries; ++i) {
    const float share = draws.uniform_float(static_cast<float>(limits.scale_min), static_cast<float>(limits.scale_max));
    const auto size = try_region(image, share, draws.uniform_float(log_min, log_max));
    if (!size) continue;
    const int top = below(draws, image.height - size->height + 1);
    return {top, below(draws, image.width - size->width + 1), size->height, size->width};
  }
  return fallback_region(image, limits);
}

}  // namespace springbok::data
