// Erasing a part of a normalised image.
#include "springbok/data/augment/erase.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace springbok::data {
namespace {

/// The size of a region of that area and ratio, halves rounded to even, when it is smaller than the image both ways.
std::optional<image::Size> size_within(image::Size image, double area, double ratio) {
  const image::Size size{static_cast<int>(std::nearbyint(std::sqrt(area * ratio))),
                         static_cast<int>(std::nearbyint(std::sqrt(area / ratio)))};
  return size.height < image.height && size.width < image.width ? std::optional(size) : std::nullopt;
}

std::optional<image::Size> draw_size(image::Size image, const Erasing& e, Draws draws) {
  if (e.form == ErasingForm::torchvision) {
    const float share = draws.uniform_float(static_cast<float>(e.share_min), static_cast<float>(e.share_max));
    const float low = std::log(static_cast<float>(e.ratio_min)), high = std::log(static_cast<float>(e.ratio_max));
    return try_erasure(image, share, draws.uniform_float(low, high));
  }
  const double area = draws.uniform(e.share_min, e.share_max) * image.height * image.width;
  const double ratio = e.form == ErasingForm::toolbox
                           ? draws.uniform(e.ratio_min, e.ratio_max)
                           : std::exp(draws.uniform(std::log(e.ratio_min), std::log(e.ratio_max)));
  return size_within(image, area, ratio);
}

}  // namespace

Erasing erasing_of(double probability, ErasingForm form, ErasingFill fill) {
  Erasing erasing{.probability = probability, .form = form, .fill = fill};
  if (form == ErasingForm::timm) {
    erasing.share_max = 1.0 / 3;
    erasing.ratio_max = 1 / erasing.ratio_min;
  }
  return erasing;
}

std::optional<image::Size> try_erasure(image::Size image, float share, float log_ratio) {
  const double area = static_cast<double>(image.height) * image.width * static_cast<double>(share);
  return size_within(image, area, static_cast<double>(std::exp(log_ratio)));
}

std::optional<image::Region> choose_erasure(image::Size image, const Erasing& erasing, Draws draws) {
  constexpr int kTries = 10;
  for (int i = 0; i < kTries; ++i) {
    const auto size = draw_size(image, erasing, draws);
    if (!size) continue;
    const auto below = [&](int bound) { return static_cast<int>(draws.below(static_cast<std::uint64_t>(bound))); };
    const int top = below(image.height - size->height + 1);
    return image::Region{top, below(image.width - size->width + 1), size->height, size->width};
  }
  return std::nullopt;
}

void erase_at_random(float* pixels, image::Size image, int channels, const Erasing& erasing, Draws draws) {
  if (erasing.probability <= 0 || draws.uniform() >= erasing.probability) return;
  const auto region = choose_erasure(image, erasing, draws);
  if (!region) return;
  if (erasing.fill == ErasingFill::mean) return erase(pixels, image, channels, *region);
  erase_with_noise(pixels, image, channels, *region, erasing.fill == ErasingFill::pixel, draws);
}

image::Region cutout_at(image::Size image, int length, int y, int x) {
  const int top = std::max(y - length / 2, 0), left = std::max(x - length / 2, 0);
  const int bottom = std::clamp(y + length / 2, 0, image.height), right = std::clamp(x + length / 2, 0, image.width);
  return {top, left, std::max(bottom - top, 0), std::max(right - left, 0)};
}

void erase(float* pixels, image::Size image, int channels, const image::Region& region, std::span<const float> values) {
  const auto each = static_cast<std::size_t>(channels);
  for (int y = 0; y < region.height; ++y) {
    float* row = pixels + (static_cast<std::size_t>(region.top + y) * image.width + region.left) * each;
    const std::size_t count = static_cast<std::size_t>(region.width) * each;
    for (std::size_t i = 0; i < count; ++i) row[i] = values.empty() ? 0 : values[i % each % values.size()];
  }
}

void erase_with_noise(float* pixels, image::Size image, int channels, const image::Region& region, bool per_pixel,
                      Draws draws) {
  for (int c = 0; c < channels; ++c) {
    float value = per_pixel ? 0 : static_cast<float>(draws.normal());
    for (int y = region.top; y < region.top + region.height; ++y) {
      for (int x = region.left; x < region.left + region.width; ++x) {
        if (per_pixel) value = static_cast<float>(draws.normal());
        pixels[(static_cast<std::size_t>(y) * image.width + x) * channels + c] = value;
      }
    }
  }
}

}  // namespace springbok::data
