// Mixing the images of a batch with their neighbours.
#include "springbok/data/load/mix.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "springbok/base/error.h"

namespace springbok::data {
namespace {

/// The logarithm of one draw of Gamma(shape, 1): Marsaglia and Tsang 2000; shapes below 1 by their section 6. The
/// logarithm, because small shapes give values below the smallest double.
double log_gamma_draw(double shape, Rng& rng) {
  if (shape < 1) return log_gamma_draw(shape + 1, rng) + std::log(1 - rng.uniform()) / shape;
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = rng.normal(), root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (std::log(1 - rng.uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return std::log(d * v);
  }
}

/// Walks over the images so that each is mixed with the one before it as it was.
template <class F>
void with_previous(Batch& batch, F change) {
  const std::size_t count = static_cast<std::size_t>(batch.size), values = batch.pixels.size() / count;
  float* const pixels = batch.pixels.data();
  std::vector<float> before_first = batch.previous;
  if (before_first.empty()) before_first.assign(pixels + (count - 1) * values, pixels + count * values);
  for (std::size_t i = count; i-- > 0;) {
    change(pixels + i * values, i == 0 ? before_first.data() : pixels + (i - 1) * values, values);
  }
}

void blend(Batch& batch, double share) {
  const auto own = static_cast<float>(share), other = static_cast<float>(1 - share);
  with_previous(batch, [=](float* image, const float* previous, std::size_t values) {
    for (std::size_t i = 0; i < values; ++i) image[i] = previous[i] * other + image[i] * own;
  });
}

void paste(Batch& batch, const image::Region& box) {
  const auto width = static_cast<std::size_t>(batch.width), channels = static_cast<std::size_t>(batch.channels);
  with_previous(batch, [&](float* image, const float* previous, std::size_t) {
    for (int y = 0; y < box.height; ++y) {
      const std::size_t at =
          (static_cast<std::size_t>(box.top + y) * width + static_cast<std::size_t>(box.left)) * channels;
      std::copy_n(previous + at, static_cast<std::size_t>(box.width) * channels, image + at);
    }
  });
}

}  // namespace

double beta(double alpha, Rng& rng) {
  const bool above = alpha > 0 && std::isfinite(alpha);
  if (!above) fail("mixing: the parameter of a beta distribution is above 0 and finite, got {}", alpha);
  const double a = log_gamma_draw(alpha, rng), b = log_gamma_draw(alpha, rng);
  return 1 / (1 + std::exp(b - a));
}

MixChoice cutmix_choice(image::Size image, double share, int y, int x) {
  const double half = 0.5 * std::sqrt(1.0 - share);
  const int half_width = static_cast<int>(half * image.width), half_height = static_cast<int>(half * image.height);
  const int left = std::max(x - half_width, 0), top = std::max(y - half_height, 0);
  const int right = std::min(x + half_width, image.width), bottom = std::min(y + half_height, image.height);
  const double covered = static_cast<double>(right - left) * (bottom - top);
  return {.share = 1.0 - covered / (static_cast<double>(image.width) * image.height),
          .box = image::Region{top, left, bottom - top, right - left}};
}

MixChoice choose_mix(const MixSettings& settings, image::Size image, Rng& rng) {
  if (!settings.any()) return {};
  const bool cuts = settings.cutmix > 0 && (settings.mixup <= 0 || rng.below(2) == 1);
  const double share = beta(cuts ? settings.cutmix : settings.mixup, rng);
  if (!cuts) return {.share = share};
  const auto x = static_cast<int>(rng.below(static_cast<std::uint64_t>(image.width)));
  return cutmix_choice(image, share, static_cast<int>(rng.below(static_cast<std::uint64_t>(image.height))), x);
}

std::vector<std::int64_t> mix(Batch& batch, const MixChoice& choice) {
  const std::size_t values = static_cast<std::size_t>(batch.height) * batch.width * batch.channels;
  const bool whole = batch.targets.size() == static_cast<std::size_t>(batch.size) &&
                     batch.pixels.size() == batch.targets.size() * values &&
                     (batch.previous.empty() || batch.previous.size() == values);
  if (!whole) fail("mixing: the batch does not hold the pixels and targets of its {} images", batch.size);
  if (choice.box && !image::inside(*choice.box, {batch.height, batch.width}) && choice.box->height > 0 &&
      choice.box->width > 0) {
    fail("mixing: the box to paste does not lie inside the images");
  }
  std::vector<std::int64_t> partners = batch.targets;
  if (partners.empty()) return partners;
  std::rotate(partners.begin(), partners.end() - 1, partners.end());
  if (!batch.previous.empty()) partners.front() = batch.previous_target;
  choice.box ? paste(batch, *choice.box) : blend(batch, choice.share);
  return partners;
}

}  // namespace springbok::data
