// Transforms: from a decoded image to normalised floats, torchvision's with torchvision's defaults.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "springbok/base/rng.h"
#include "springbok/data/augment/jitter.h"
#include "springbok/data/augment/policy.h"
#include "springbok/data/augment/random_crop.h"
#include "springbok/data/augment/stage_times.h"
#include "springbok/image/encoded.h"
#include "springbok/image/image.h"
#include "springbok/image/normalise.h"
#include "springbok/image/resize.h"
#include "springbok/image/upright.h"

namespace springbok::data {

/// What every image goes through; stored with checkpoints and weights, since results depend on it.
struct Preprocess {
  int size = 224;                          ///< output height and width
  int channels = 3;                        ///< 1 (grey) or 3 (RGB)
  std::string interpolation = "bilinear";  ///< one of Pillow's filters (image/resize.h), antialiased, Pillow's pixels
  std::string resampler = "pillow12";      ///< pass order of Pillow <= 12, or pillow13
  double crop_ratio = 0.875;  ///< evaluation: resize shorter side to size/crop_ratio, centre crop; 1 for small images
  std::vector<double> mean = {0.485, 0.456, 0.406};  ///< per channel, of pixels in [0,1]; one value for grey
  std::vector<double> std = {0.229, 0.224, 0.225};
  std::string exif = "ignore";  ///< orientation: ignore, or apply, which turns encoded images as they ask for

  bool operator==(const Preprocess&) const = default;
};

/// Training-time augmentation. `crop` is `resized` (RandomResizedCrop), `pad` (pad by `pad` then random crop) or `none`
/// (the evaluation transform). After it: flip, rotation, policy, ColorJitter; on the normalised floats Cutout and
/// RandomErasing.
struct Augment {
  std::string crop = "resized";
  double scale_min = 0.08, scale_max = 1.0;
  double ratio_min = 3.0 / 4, ratio_max = 4.0 / 3;
  std::int64_t pad = 4;
  double flip = 0.5;                                             ///< probability of a horizontal flip
  double brightness = 0, contrast = 0, saturation = 0, hue = 0;  ///< ColorJitter strengths
  double rotation = 0;                                           ///< RandomRotation by up to so many degrees
  std::string policy = "none";                                   ///< one of `policy_names`
  std::int64_t rand_ops = 2, rand_magnitude = 9;                 ///< rand, toolbox-rand: operations; 0 to 30
  std::int64_t augmix_severity = 3;                              ///< augmix: 1 to 10
  std::int64_t cutout = 0;                                       ///< side of Cutout's square in pixels; 0: none
  double random_erasing = 0;                                     ///< probability of RandomErasing
  std::string decode = "exact";  ///< fast: JPEGs cropped to much more than the size are decoded reduced: other pixels
};

/// What numbers of a Preprocess may be; see `validate`.
inline constexpr int kLargestSize = 1 << 14;
inline constexpr double kLeastCropRatio = 0.01, kLeastStd = 1e-6, kLargestStatistic = 1e6;

/// `exif` stands in it only where it is not `ignore`, so that digests are those of files from before that key.
nlohmann::ordered_json to_json(const Preprocess& preprocess);
/// Throws Error naming `where` and the key that is missing or wrong.
Preprocess preprocess_from_json(const nlohmann::json& object, const std::string& where);
/// SHA-256 of the canonical JSON, first 16 hex digits.
std::string digest(const Preprocess& preprocess);
/// What evaluation resizes an image's shorter side to.
int shorter_side(const Preprocess& preprocess);
/// For people: `shorter side to 256 (bilinear), centre 224 x 224, mean 0.485,0.456,0.406, std 0.229,0.224,0.225`.
std::string summary(const Preprocess& preprocess);
/// What differs between two, for people: `size 256 instead of 224`; nothing when they are equal.
std::vector<std::string> differences(const Preprocess& now, const Preprocess& then);
/// Throws UsageError naming `where` and the key whose value cannot be.
void validate(const Preprocess& preprocess, const std::string& where);
void validate(const Augment& augment, const std::string& where);

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
  image::Filter filter_;
  image::PassOrder order_;
  int shorter_;  ///< evaluation resizes the shorter side to this
};

}  // namespace springbok::data
