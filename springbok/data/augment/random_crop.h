// RandomResizedCrop's choice of a region: torchvision's arithmetic, given its random numbers.
#pragma once

#include <optional>

#include "springbok/data/augment/draws.h"
#include "springbok/image/resize.h"

namespace springbok::data {

/// Limits of the region's share of the area and of its width / height.
struct CropLimits {
  double scale_min = 0.08, scale_max = 1.0;
  double ratio_min = 3.0 / 4, ratio_max = 4.0 / 3;
};

/// One try: the size of a region of that share of the image's area and of ratio exp(log_ratio), when it fits.
std::optional<image::Size> try_region(image::Size image, float share, float log_ratio);

/// After ten tries that do not fit: the whole image, or its middle when its ratio is outside the limits.
image::Region fallback_region(image::Size image, const CropLimits& limits);

/// Up to ten tries at random sizes, each at a random place, then the fallback.
image::Region random_region(image::Size image, const CropLimits& limits, Draws draws);

}  // namespace springbok::data
