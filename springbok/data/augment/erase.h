// Erasing a part of a normalised image: RandomErasing (Zhong et al. 2020) and Cutout (DeVries and Taylor 2017).
#pragma once

#include <optional>

#include "springbok/base/rng.h"
#include "springbok/image/region.h"

namespace springbok::data {

/// One try of torchvision's RandomErasing (share 0.02 to 0.33, height / width 0.3 to 3.3). It gives the size of a
/// region of that share of the area and of ratio exp(log_ratio), when it is smaller than the image both ways.
std::optional<image::Size> try_erasure(image::Size image, float share, float log_ratio);

/// Up to ten tries at a random place; nothing when none fits.
std::optional<image::Region> choose_erasure(image::Size image, Rng& rng);

/// Cutout's square of `length` pixels about a point anywhere in the image, cut at its edges.
image::Region cutout_at(image::Size image, int length, int y, int x);

/// Sets the region of (H,W,C) floats to 0, the mean colour.
void erase(float* pixels, image::Size image, int channels, const image::Region& region);

}  // namespace springbok::data
