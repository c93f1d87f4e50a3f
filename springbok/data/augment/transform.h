// Transforms: from a decoded image to normalised floats, torchvision's with torchvision's defaults.
#pragma once

#include <array>

#include "springbok/base/rng.h"
#include "springbok/data/augment/augment.h"
#include "springbok/data/augment/jitter.h"
#include "springbok/data/augment/preprocess.h"
#include "springbok/data/augment/random_crop.h"
#include "springbok/data/augment/stage_times.h"
#include "springbok/image/encoded.h"
#include "springbok/image/image.h"
#include "springbok/image/normalise.h"
#include "springbok/image/resize.h"
#include "springbok/image/upright.h"

namespace springbok::data {

/// Turns one image into `size`x`size`x`channels` normalised floats (H,W,C). Stateless and safe to share between
/// threads: randomness comes from `rng`. Input has `channels` channels. Constructors throw UsageError for values that
/// cannot be.
class Transform {
 public:
  /// Evaluation: Resize(shorter side) + CenterCrop.
  explicit Transform(Preprocess preprocess);
  /// Training: what `Augment` says.
  Transform(Preprocess preprocess, Augment augment);

  /// `times`, where it is given, learns how long each stage took. A decoded image has no EXIF any more, so `exif` is
  /// without effect here.
  void operator()(const image::Image& input, Rng rng, float* output, StageTimes* times = nullptr) const;
  /// The same result from an image that is not decoded yet; a random crop then decodes little more than itself.
  void operator()(const image::Encoded& input, Rng rng, float* output, StageTimes* times = nullptr) const;
  /// The 8-bit pixels before normalisation.
  image::Image pixels(const image::Image& input, Rng rng) const;
  const Preprocess& preprocess() const { return preprocess_; }

 private:
  void expect_channels(int channels) const;
  bool changes(const image::Image& input) const;
  bool flips(Rng& rng) const;
  image::Image drawn(const image::Image& input, Rng& rng, Laps& laps) const;
  void change(image::Image& image, Rng& rng) const;
  void erase_some(float* output, Rng& rng) const;
  image::Image central(const image::Image& input, bool flip) const;
  int reduction(const image::Region& region) const;
  image::ResizeOptions to_size(bool flip) const;
  image::Image cropped(const image::Upright& input, const image::Region& region, bool flip, Laps& laps) const;
  image::Image resized(const image::Image& input, const image::Region& region, bool flip, image::Image reused) const;
  image::Image padded(const image::Image& input, Rng& rng) const;

  Preprocess preprocess_;
  Augment augment_;
  bool train_ = false;
  Policy policy_;
  image::Normaliser normalise_;
  int shorter_;  ///< evaluation resizes the shorter side to this
};

}  // namespace springbok::data
