// Transforms of images with their masks: to normalised floats and class indices.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "springbok/data/augment/jitter.h"
#include "springbok/data/augment/joint.h"
#include "springbok/data/augment/transform.h"

namespace springbok::data {

/// Turns an image and its mask into (H,W,C) normalised floats and (H,W) class indices. Stateless and safe to share
/// between threads, as `Transform` is. Constructors throw UsageError for values that cannot be.
class PixelTransform {
 public:
  /// Evaluation: neither scaled nor cut.
  explicit PixelTransform(Preprocess preprocess);
  /// Scaled, mirrored and cropped together; then the colours of the image alone change. What is padded is the mean
  /// colour, and counts for nothing. Also Elastic's evaluation, with `only_cropped`.
  PixelTransform(Preprocess preprocess, const JointAugment& joint, const JitterStrength& colours = {});

  /// Of each result; nothing where it is the image's own.
  std::optional<image::Size> size() const;
  image::Size size_of(const Labelling& labelling) const;
  const Preprocess& preprocess() const { return preprocess_; }
  /// Where the crop of an image of that size lies (joint.h, `place_joint`), for the stream that the image is given.
  /// Only of transforms that crop.
  JointCrop place(image::Size size, Rng rng) const;

  /// `pixels` and `mask` have room for a result of `size_of`. Throws Error for a mask of another size than its image.
  void operator()(const Labelling& labelling, Rng rng, float* pixels, std::uint8_t* mask) const;

 private:
  Preprocess preprocess_;
  std::optional<JointAugment> joint_;
  JitterStrength colours_;
  image::Normaliser normalise_;
};

/// Of images alone, or with their masks.
using SampleTransform = std::variant<Transform, PixelTransform>;

const Preprocess& preprocess_of(const SampleTransform& transform);

}  // namespace springbok::data
