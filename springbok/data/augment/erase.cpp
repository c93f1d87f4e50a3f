// Erasing a part of a normalised image.
#include "springbok/data/augment/erase.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "springbok/data/augment/random_crop.h"

namespace springbok::data {

std::optional<image::Size> try_erasure(image::Size image, float share, float log_ratio) {
  const double area = static_cast<double>(image.height) * image.width * static_cast<double>(share);
  const auto ratio = static_cast<double>(std::exp(log_ratio));
  const image::Size size{static_cast<int>(std::nearbyint(std::sqrt(area * ratio))),
                         static_cast<int>(std::nearbyint(std::sqrt(area / ratio)))};
  return size.height < image.height && size.width < image.width ? std::optional(size) : std::nullopt;
}

std::optional<image::Region> choose_erasure(image::Size image, Rng& rng) {
  constexpr int kTries = 10;
  for (int i = 0; i < kTries; ++i) {
    const float share = uniform_float(rng, 0.02F, 0.33F);
    const auto size = try_erasure(image, share, uniform_float(rng, std::log(0.3F), std::log(3.3F)));
    if (!size) continue;
    const auto below = [&](int bound) { return static_cast<int>(rng.below(static_cast<std::uint64_t>(bound))); };
    const int top = below(image.height - size->height + 1);
    return image::Region{top, below(image.width - size->width + 1), size->height, size->width};
  }
  return std::nullopt;
}

image::Region cutout_at(image::Size image, int length, int y, int x) {
  const int top = std::max(y - length / 2, 0), left = std::max(x - length / 2, 0);
  const int bottom = std::clamp(y + length / 2, 0, image.height), right = std::clamp(x + length / 2, 0, image.width);
  return {top, left, std::max(bottom - top, 0), std::max(right - left, 0)};
}

void erase(float* pixels, image::Size image, int channels, const image::Region& region) {
  for (int y = 0; y < region.height; ++y) {
    const auto row = static_cast<std::size_t>(region.top + y) * image.width + region.left;
    std::fill_n(pixels + row * channels, static_cast<std::size_t>(region.width) * channels, 0.0F);
  }
}

}  // namespace springbok::data
