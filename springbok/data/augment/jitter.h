// ColorJitter: torchvision's four colour changes by random amounts, in random order.
#pragma once

#include <array>

#include "springbok/data/augment/draws.h"
#include "springbok/image/image.h"

namespace springbok::data {

/// Strengths: factors are drawn from [max(0, 1 - x), 1 + x], the turn of the hue from [-hue, hue]; 0 leaves a change
/// out.
struct JitterStrength {
  double brightness = 0, contrast = 0, saturation = 0, hue = 0;
  bool any() const { return brightness > 0 || contrast > 0 || saturation > 0 || hue > 0; }
};

/// What was drawn: the order of the changes (0 brightness, 1 contrast, 2 saturation, 3 hue) and their amounts.
struct JitterChoice {
  std::array<int, 4> order{0, 1, 2, 3};
  std::array<double, 4> amounts{1, 1, 1, 0};
};

JitterChoice choose_jitter(const JitterStrength& strength, Draws draws);

/// Applies what was drawn; changes of strength 0 are left out.
void jitter(image::Image& image, const JitterStrength& strength, const JitterChoice& choice);

}  // namespace springbok::data
