// Erasing a part of a normalised image: RandomErasing (Zhong et al. 2020) and Cutout (DeVries and Taylor 2017).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "springbok/data/augment/draws.h"
#include "springbok/image/region.h"

namespace springbok::data {

/// Whose RandomErasing: torchvision draws the logarithm of the ratio, from 0.3 to 3.3, in single precision;
/// torch-toolbox the ratio itself; timm its logarithm, from 0.3 to 1 / 0.3, and up to a third of the area.
enum class ErasingForm : std::uint8_t { torchvision, toolbox, timm };
/// What the region becomes: 0, the mean colour; normal noise for each value; one normal colour.
enum class ErasingFill : std::uint8_t { mean, pixel, colour };

struct Erasing {
  double probability = 0;
  ErasingForm form = ErasingForm::torchvision;
  ErasingFill fill = ErasingFill::mean;
  double share_min = 0.02, share_max = 0.33;  ///< of the area
  double ratio_min = 0.3, ratio_max = 3.3;    ///< height / width
};

/// The form with its own shares and ratios.
Erasing erasing_of(double probability, ErasingForm form, ErasingFill fill);

/// One try of torchvision's RandomErasing (share 0.02 to 0.33, height / width 0.3 to 3.3). It gives the size of a
/// region of that share of the area and of ratio exp(log_ratio), when it is smaller than the image both ways.
std::optional<image::Size> try_erasure(image::Size image, float share, float log_ratio);

/// Up to ten tries at a random place; nothing when none fits.
std::optional<image::Region> choose_erasure(image::Size image, const Erasing& erasing, Draws draws);

/// RandomErasing of (H,W,C) floats: draws whether, where and with what.
void erase_at_random(float* pixels, image::Size image, int channels, const Erasing& erasing, Draws draws);

/// Cutout's square of `length` pixels about a point anywhere in the image, cut at its edges.
image::Region cutout_at(image::Size image, int length, int y, int x);

/// Sets the region of (H,W,C) floats to one value a channel; without values to 0, the mean colour.
void erase(float* pixels, image::Size image, int channels, const image::Region& region,
           std::span<const float> values = {});

/// Sets it to standard normal numbers, drawn channel by channel, or to one such number a channel.
void erase_with_noise(float* pixels, image::Size image, int channels, const image::Region& region, bool per_pixel,
                      Draws draws);

}  // namespace springbok::data
