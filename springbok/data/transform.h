// Transforms: from a decoded image to normalised floats, torchvision's with torchvision's defaults.
#pragma once

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "springbok/base/rng.h"
#include "springbok/image/image.h"

namespace springbok::data {

/// What every image goes through; stored with checkpoints and weights, since results depend on it.
struct Preprocess {
  int size = 224;                          ///< output height and width
  int channels = 3;                        ///< 1 (grey) or 3 (RGB)
  std::string interpolation = "bilinear";  ///< bilinear, bicubic (antialiased, Pillow's pixels)
  std::string resampler = "pillow12";      ///< pass order of Pillow <= 12, or pillow13
  double crop_ratio = 0.875;  ///< evaluation: resize shorter side to size/crop_ratio, centre crop; 1 for small images
  std::vector<double> mean = {0.485, 0.456, 0.406};  ///< per channel, of pixels in [0,1]; one value for grey
  std::vector<double> std = {0.229, 0.224, 0.225};

  bool operator==(const Preprocess&) const = default;
};

/// Training-time augmentation. `crop` is `resized` (RandomResizedCrop), `pad` (pad by `pad` then random crop) or `none`
/// (the evaluation transform).
struct Augment {
  std::string crop = "resized";
  double scale_min = 0.08, scale_max = 1.0;
  double ratio_min = 3.0 / 4, ratio_max = 4.0 / 3;
  int pad = 4;
  double flip = 0.5;                                             ///< probability of a horizontal flip
  double brightness = 0, contrast = 0, saturation = 0, hue = 0;  ///< ColorJitter strengths
};

nlohmann::ordered_json to_json(const Preprocess& preprocess);
/// Throws Error naming `where` and the key that is missing or wrong.
Preprocess preprocess_from_json(const nlohmann::json& json, const std::string& where);
/// SHA-256 of the canonical JSON, first 16 hex digits.
std::string digest(const Preprocess& preprocess);

/// Writes one image as `size`x`size`x`channels` normalised floats (H,W,C). Stateless: randomness comes from `rng`.
class Transform {
 public:
  /// Evaluation: Resize(shorter side) + CenterCrop.
  explicit Transform(Preprocess preprocess);
  /// Training.
  Transform(Preprocess preprocess, Augment augment);
  void operator()(const image::Image& input, Rng rng, float* output) const;
  const Preprocess& preprocess() const { return preprocess_; }

 private:
  Preprocess preprocess_;
  Augment augment_;
  bool train_ = false;
};

}  // namespace springbok::data
