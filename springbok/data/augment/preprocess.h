// Preprocess: what every image goes through, stored with checkpoints and weights.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "springbok/image/resize.h"

namespace springbok::data {

/// The orientation that photographs ask for: ignored, as torchvision does, or applied, as Pillow's exif_transpose.
enum class Exif : std::uint8_t { ignore, apply };
const std::vector<std::string>& exif_names();
/// How evaluation brings an image to the size: its shorter side, then the centre; or both sides, whatever their ratio.
/// `native`: not at all, since each pixel is scored (augment/pixel_transform.h).
enum class Fit : std::uint8_t { crop, squash, native };
const std::vector<std::string>& fit_names();

/// What every image goes through; stored with checkpoints and weights, since results depend on it.
struct Preprocess {
  int size = 224;                                         ///< output height and width
  int channels = 3;                                       ///< 1 (grey) or 3 (RGB)
  image::Filter interpolation = image::Filter::bilinear;  ///< antialiased, Pillow's pixels
  image::PassOrder resampler = image::PassOrder::pillow12;
  double crop_ratio = 0.875;  ///< evaluation: resize shorter side to size/crop_ratio, centre crop; 1 for small images
  std::vector<double> mean = {0.485, 0.456, 0.406};  ///< per channel, of pixels in [0,1]; one value for grey
  std::vector<double> std = {0.229, 0.224, 0.225};
  Exif exif = Exif::ignore;  ///< of encoded images
  Fit fit = Fit::crop;

  bool operator==(const Preprocess&) const = default;
};

/// What numbers of a Preprocess may be; see `validate`.
inline constexpr int kLargestSize = 1 << 14;
inline constexpr double kLeastCropRatio = 0.01, kLeastStd = 1e-6, kLargestStatistic = 1e6;

/// `exif` and `fit` stand in it only where they are not the first choice: digests are those of files from before these
/// keys.
nlohmann::ordered_json to_json(const Preprocess& preprocess);
/// Throws Error naming `where` and the key that is missing or wrong.
Preprocess preprocess_from_json(const nlohmann::json& object, const std::string& where);
/// SHA-256 of the canonical JSON, first 16 hex digits.
std::string digest(const Preprocess& preprocess);
/// What evaluation resizes an image's shorter side to, with `fit` crop.
int shorter_side(const Preprocess& preprocess);
/// For people: `shorter side to 256 (bilinear), centre 224 x 224, mean 0.485,0.456,0.406, std 0.229,0.224,0.225`.
std::string summary(const Preprocess& preprocess);
/// What differs between two, for people: `size 256 instead of 224`; nothing when they are equal.
std::vector<std::string> differences(const Preprocess& now, const Preprocess& then);
/// Throws UsageError naming `where` and the key whose value cannot be.
void validate(const Preprocess& preprocess, const std::string& where);

}  // namespace springbok::data
