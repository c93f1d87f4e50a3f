// ColorJitter: torchvision's four colour changes by random amounts, in random order.
#include "springbok/data/augment/jitter.h"

#include <algorithm>
#include <utility>

#include "springbok/image/colour.h"

namespace springbok::data {
namespace {

constexpr int kHue = 3;

std::array<double, 4> strengths(const JitterStrength& s) {
  return {s.brightness, s.contrast, s.saturation, s.hue};
}

}  // namespace

JitterChoice choose_jitter(const JitterStrength& strength, Draws draws) {
  JitterChoice choice;
  for (std::size_t i = choice.order.size() - 1; i > 0; --i)
    std::swap(choice.order[i], choice.order[draws.below(i + 1)]);
  const auto each = strengths(strength);
  for (int i = 0; i < 4; ++i) {
    if (each[i] <= 0) continue;
    const double low = i == kHue ? -each[i] : std::max(0.0, 1 - each[i]);
    const double high = i == kHue ? each[i] : 1 + each[i];
    choice.amounts[i] = draws.uniform_float(static_cast<float>(low), static_cast<float>(high));
  }
  return choice;
}

void jitter(image::Image& image, const JitterStrength& strength, const JitterChoice& choice) {
  constexpr std::array kChanges{&image::adjust_brightness, &image::adjust_contrast, &image::adjust_saturation,
                                &image::adjust_hue};
  const auto each = strengths(strength);
  for (const int change : choice.order) {
    if (each[change] > 0) kChanges[change](image, choice.amounts[change]);
  }
}

}  // namespace springbok::data
