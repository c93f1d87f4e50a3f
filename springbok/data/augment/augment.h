// Augment: what a training does to its images at random, described as options.
#pragma once

#include <cstdint>
#include <string>

#include "springbok/base/option.h"
#include "springbok/data/augment/erase.h"
#include "springbok/data/augment/policy.h"
#include "springbok/data/augment/toolbox_cutout.h"

namespace springbok::data {

/// RandomResizedCrop; pad, then crop at random; or as in evaluation.
enum class Crop : std::uint8_t { resized, pad, none };
/// Fast: JPEGs cropped to much more than the size are decoded reduced, with other pixels.
enum class Decode : std::uint8_t { exact, fast };

/// Training-time augmentation. After the crop: flip, rotation, policy, ColorJitter, torch-toolbox's Cutout; on the
/// normalised floats Cutout and RandomErasing.
struct Augment {
  Crop crop = Crop::resized;
  double scale_min = 0.08, scale_max = 1.0;
  double ratio_min = 3.0 / 4, ratio_max = 4.0 / 3;
  std::int64_t pad = 4;
  double flip = 0.5;                                             ///< probability of a horizontal flip
  double brightness = 0, contrast = 0, saturation = 0, hue = 0;  ///< ColorJitter strengths
  double rotation = 0;                                           ///< RandomRotation by up to so many degrees
  PolicyKind policy = PolicyKind::none;
  std::int64_t rand_ops = 2, rand_magnitude = 9;  ///< the rand policies: operations; 0 to 30, timm's 0 to 10
  double rand_probability = 0;                    ///< toolbox-rand, timm-rand; 0: its own, 1 and 0.5
  double rand_std = 0;                            ///< timm's: of the magnitude
  bool rand_increasing = true;                    ///< timm-rand
  std::int64_t rand_most = 10;                    ///< timm-rand: largest magnitude that is drawn
  std::int64_t augmix_severity = 3;               ///< augmix: 1 to 10
  std::int64_t augmix_width = 3, augmix_depth = 0;
  std::int64_t cutout = 0;    ///< side of Cutout's square in pixels; 0: none
  double random_erasing = 0;  ///< probability of RandomErasing
  ErasingForm erasing_form = ErasingForm::torchvision;
  ErasingFill erasing_fill = ErasingFill::mean;
  double toolbox_cutout = 0;  ///< probability of torch-toolbox's Cutout
  CutoutFill toolbox_cutout_fill = CutoutFill::red;
  std::int64_t toolbox_cutout_low = 0, toolbox_cutout_high = 255;  ///< between which its colour is drawn
  Decode decode = Decode::exact;
};

/// The options as the user sees them, with fields in `augment`, which must outlive them.
Options option_table(Augment& augment);

/// Its policy; timm's leave `fill` where pixels have moved away.
Policy policy_of(const Augment& augment, const image::Fill& fill);

/// Throws UsageError naming `where` and the key whose value lies outside its option's range, or the two that are not in
/// order.
void validate(const Augment& augment, const std::string& where);

}  // namespace springbok::data
