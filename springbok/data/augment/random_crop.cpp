// RandomResizedCrop's choice of a region.
#include "springbok/data/augment/random_crop.h"

#include <cmath>

namespace springbok::data {
namespace {

/// Python's round: halves go to the even neighbour (the rounding mode of every program that does not change it).
int rounded(double value) {
  return static_cast<int>(std::nearbyint(value));
}

int below(Rng& rng, int bound) {
  return static_cast<int>(rng.below(static_cast<std::uint64_t>(bound)));
}

}  // namespace

float uniform_float(Rng& rng, float low, float high) {
  const float unit = static_cast<float>(rng.next_u32() >> 8) * 0x1.0p-24F;
  return unit * (high - low) + low;
}

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

image::Region random_region(image::Size image, const CropLimits& limits, Rng& rng) {
  constexpr int kTries = 10;
  const float log_min = std::log(static_cast<float>(limits.ratio_min));
  const float log_max = std::log(static_cast<float>(limits.ratio_max));
  for (int i = 0; i < kTries; ++i) {
    const float share = uniform_float(rng, static_cast<float>(limits.scale_min), static_cast<float>(limits.scale_max));
    const auto size = try_region(image, share, uniform_float(rng, log_min, log_max));
    if (!size) continue;
    const int top = below(rng, image.height - size->height + 1);
    return {top, below(rng, image.width - size->width + 1), size->height, size->width};
  }
  return fallback_region(image, limits);
}

}  // namespace springbok::data
