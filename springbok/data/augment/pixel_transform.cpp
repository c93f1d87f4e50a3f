// Transforms of images with their masks.
#include "springbok/data/augment/pixel_transform.h"

#include <algorithm>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/image/expect.h"

namespace springbok::data {
namespace {

Preprocess valid(Preprocess preprocess) {
  validate(preprocess, "preprocessing");
  return preprocess;
}

}  // namespace

PixelTransform::PixelTransform(Preprocess preprocess)
    : preprocess_(valid(std::move(preprocess))), normalise_(preprocess_.mean, preprocess_.std) {}

PixelTransform::PixelTransform(Preprocess preprocess, const JointAugment& joint, const JitterStrength& colours)
    : PixelTransform(std::move(preprocess)) {
  choose_joint(joint, joint.crop, {});  // which says what cannot be
  joint_ = joint;
  colours_ = colours;
}

std::optional<image::Size> PixelTransform::size() const {
  return joint_ ? std::optional(joint_->crop) : std::nullopt;
}

image::Size PixelTransform::size_of(const Labelling& labelling) const {
  return joint_ ? joint_->crop : image::Size{labelling.image.height, labelling.image.width};
}

JointCrop PixelTransform::place(image::Size size, Rng rng) const {
  check(joint_.has_value(), "an image is cut");
  return place_joint(size, choose_joint(*joint_, size, draw_joint(rng)), *joint_);
}

void PixelTransform::operator()(const Labelling& labelling, Rng rng, float* pixels, std::uint8_t* mask) const {
  expect_fitting(labelling);
  image::expect_channels(labelling.image, {preprocess_.channels}, "a labelled image");
  if (!joint_) {
    normalise_(labelling.image, pixels);
    std::copy(labelling.mask.pixels.begin(), labelling.mask.pixels.end(), mask);
    return;
  }
  const image::Size size{labelling.image.height, labelling.image.width};
  const JointChoice choice = choose_joint(*joint_, size, draw_joint(rng));
  JointCrop crop = apply_joint(labelling, choice, *joint_, mean_colour(preprocess_), preprocess_.resampler);
  if (colours_.any()) jitter(crop.labelling.image, colours_, choose_jitter(colours_, Draws(rng)));
  const std::vector<float> floats = normalised(crop, normalise_);
  std::copy(floats.begin(), floats.end(), pixels);
  std::copy(crop.labelling.mask.pixels.begin(), crop.labelling.mask.pixels.end(), mask);
}

const Preprocess& preprocess_of(const SampleTransform& transform) {
  return std::visit([](const auto& each) -> const Preprocess& { return each.preprocess(); }, transform);
}

}  // namespace springbok::data
