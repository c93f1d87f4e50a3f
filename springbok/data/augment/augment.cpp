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
       .help = "policy: AutoAugment's tables, RandAugment, TrivialAugment or AugMix; toolbox-*: torch-toolbox's forms",
       .field = &a.policy,
       .choices = policy_names()},
      {.key = "rand_ops",
       .help = "rand, toolbox-rand: operations an image",
       .field = &a.rand_ops,
       .min = 0,
       .max = 100},
      {.key = "rand_magnitude",
       .help = "rand, toolbox-rand: strength",
       .field = &a.rand_magnitude,
       .min = 0,
       .max = 30},
      {.key = "augmix_severity", .help = "augmix: strength", .field = &a.augmix_severity, .min = 1, .max = 10},
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
       .help = "probability of setting a region to the mean colour (RandomErasing)",
       .field = &a.random_erasing,
       .min = 0,
       .max = 1},
  };
}

}  // namespace

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
}

}  // namespace springbok::data
