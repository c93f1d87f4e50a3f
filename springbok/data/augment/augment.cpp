// The table of augmentation options.
#include "springbok/data/augment/augment.h"

#include "springbok/base/error.h"

namespace springbok::data {
namespace {

Options changes(Augment& a) {
  return {
      {.key = "crop",
       .help = "RandomResizedCrop, pad then crop, or as in evaluation",
       .field = &a.crop,
       .choices = {"resized", "pad", "none"}},
      {.key = "scale_min",
       .help = "resized crop: smallest share of the image's area",
       .field = &a.scale_min,
       .min = 0.001,
       .max = 1},
      {.key = "scale_max",
       .help = "resized crop: largest share of the image's area",
       .field = &a.scale_max,
       .min = 0.001,
       .max = 1},
      {.key = "ratio_min",
       .help = "resized crop: smallest width / height",
       .field = &a.ratio_min,
       .min = 0.01,
       .max = 100},
      {.key = "ratio_max",
       .help = "resized crop: largest width / height",
       .field = &a.ratio_max,
       .min = 0.01,
       .max = 100},
      {.key = "pad", .help = "padded crop: pixels added on each side", .field = &a.pad, .min = 0, .max = 1024},
      {.key = "flip", .help = "probability of a horizontal flip", .field = &a.flip, .min = 0, .max = 1},
      {.key = "brightness", .help = "ColorJitter strength", .field = &a.brightness, .min = 0, .max = 10},
      {.key = "contrast", .help = "ColorJitter strength", .field = &a.contrast, .min = 0, .max = 10},
      {.key = "saturation", .help = "ColorJitter strength", .field = &a.saturation, .min = 0, .max = 10},
      {.key = "hue", .help = "ColorJitter strength", .field = &a.hue, .min = 0, .max = 0.5},
      {.key = "rotation",
       .help = "rotate by up to so many degrees either way",
       .field = &a.rotation,
       .min = 0,
       .max = 360},
  };
}

Options policies(Augment& a) {
  return {
      {.key = "auto_augment",
       .help = "policy: AutoAugment's tables, RandAugment, TrivialAugment or AugMix; toolbox-*: torch-toolbox's; "
               "timm-*: timm's, whose texts (rand-m9-mstd0.5-inc1) set these keys too",
       .field = &a.policy,
       .choices = policy_names()},
      {.key = "rand_ops",
       .help = "rand, toolbox-rand, timm-rand: operations an image",
       .field = &a.rand_ops,
       .min = 0,
       .max = 100},
      {.key = "rand_magnitude",
       .help = "rand, toolbox-rand: strength of 30; timm-rand: of 10",
       .field = &a.rand_magnitude,
       .min = 0,
       .max = 30},
      {.key = "rand_probability",
       .help = "toolbox-rand: that anything is done; timm-rand: that each operation is; 0: 1 and 0.5",
       .field = &a.rand_probability,
       .min = 0,
       .max = 1},
      {.key = "rand_std",
       .help = "timm-*: standard deviation of the strength, drawn for each operation; above 100, and in timm-augmix 0: "
               "any strength up to its own",
       .field = &a.rand_std,
       .min = 0,
       .max = 1000},
      {.key = "rand_increasing",
       .help = "timm-rand: all operations grow stronger with the strength (inc1), or tones and colours fall (inc0)",
       .field = &a.rand_increasing},
      {.key = "rand_most",
       .help = "timm-rand: largest strength that is drawn (mmax)",
       .field = &a.rand_most,
       .min = 1,
       .max = 100},
      {.key = "augmix_severity",
       .help = "augmix, timm-augmix: strength",
       .field = &a.augmix_severity,
       .min = 1,
       .max = 10},
      {.key = "augmix_width",
       .help = "augmix, timm-augmix: chains of operations",
       .field = &a.augmix_width,
       .min = 1,
       .max = 100},
      {.key = "augmix_depth",
       .help = "augmix, timm-augmix: operations of a chain; 0: 1 to 3, drawn for each",
       .field = &a.augmix_depth,
       .min = 0,
       .max = 100},
      {.key = "cutout",
       .help = "side in pixels of a square set to the mean colour (Cutout); 0: none",
       .field = &a.cutout,
       .min = 0,
       .max = 8192},
      {.key = "decode",
       .help = "of JPEGs: exact; or fast, which decodes crops of over twice the size at a half, quarter or eighth: "
               "other pixels",
       .field = &a.decode,
       .choices = {"exact", "fast"}},
      {.key = "random_erasing",
       .help = "probability of erasing a region of the normalised image (RandomErasing)",
       .field = &a.random_erasing,
       .min = 0,
       .max = 1},
      {.key = "random_erasing_form",
       .help = "which regions: torchvision's, torch-toolbox's (the ratio uniform) or timm's (up to a third)",
       .field = &a.erasing_form,
       .choices = {"torchvision", "toolbox", "timm"}},
      {.key = "random_erasing_fill",
       .help = "with what: the mean colour; noise for each value (timm's pixel mode); one random colour",
       .field = &a.erasing_fill,
       .choices = {"mean", "pixel", "colour"}},
      {.key = "toolbox_cutout",
       .help = "probability of torch-toolbox's Cutout: a random rectangle in one random colour",
       .field = &a.toolbox_cutout,
       .min = 0,
       .max = 1},
      {.key = "toolbox_cutout_fill",
       .help = "toolbox_cutout: red, as it paints Pillow's images; grey, as arrays; or each value at random",
       .field = &a.toolbox_cutout_fill,
       .choices = {"red", "grey", "pixels"}},
      {.key = "toolbox_cutout_low",
       .help = "toolbox_cutout: least value of the colour that is drawn",
       .field = &a.toolbox_cutout_low,
       .min = 0,
       .max = 255},
      {.key = "toolbox_cutout_high",
       .help = "toolbox_cutout: largest value (of pixels: one above it), as low for one colour",
       .field = &a.toolbox_cutout_high,
       .min = 0,
       .max = 255},
  };
}

}  // namespace

Policy policy_of(const Augment& a, const image::Fill& fill) {
  constexpr double kTimmProbability = 0.5;
  const double own = a.policy == PolicyKind::timm_rand ? kTimmProbability : 1;
  return {.kind = a.policy,
          .ops = static_cast<int>(a.rand_ops),
          .magnitude = static_cast<int>(a.rand_magnitude),
          .severity = static_cast<int>(a.augmix_severity),
          .probability = a.rand_probability > 0 ? a.rand_probability : own,
          .deviation = a.rand_std,
          .increasing = a.rand_increasing,
          .most = static_cast<int>(a.rand_most),
          .width = static_cast<int>(a.augmix_width),
          .depth = static_cast<int>(a.augmix_depth),
          .fill = fill};
}

Options option_table(Augment& augment) {
  Options all = changes(augment);
  for (Option& option : policies(augment)) all.push_back(std::move(option));
  return all;
}

void validate(const Augment& augment, const std::string& where) {
  const auto check_order = [&](const char* name, double low, double high) {
    if (low > high) fail_usage("{}: {}_min {} and {}_max {}: must be 0 < min <= max", where, name, low, name, high);
  };
  Augment copy = augment;
  for (const Option& option : option_table(copy)) check_option(option, format("{}: {}", where, option.key));
  check_order("scale", augment.scale_min, augment.scale_max);
  check_order("ratio", augment.ratio_min, augment.ratio_max);
  const bool noise = augment.toolbox_cutout_fill == CutoutFill::pixels;
  if (augment.toolbox_cutout_low + (noise ? 1 : 0) > augment.toolbox_cutout_high) {
    fail_usage("{}: toolbox_cutout_low {} and toolbox_cutout_high {} leave no colour to draw{}", where,
               augment.toolbox_cutout_low, augment.toolbox_cutout_high,
               noise ? "; pixels are drawn below the higher one" : "");
  }
}

}  // namespace springbok::data
