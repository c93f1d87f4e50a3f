// Normalising: 8-bit pixels to floats, as torchvision's ToTensor and Normalize compute them.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "springbok/image/image.h"

namespace springbok::image {

/// value = (pixel / 255 - mean[c]) / std[c], each step rounded to single precision: the very floats of torchvision.
class Normaliser {
 public:
  /// One mean and one std a channel, for 1 to 4 channels. Throws Error for a std of 0 and for what is not finite.
  Normaliser(std::span<const double> mean, std::span<const double> std);

  int channels() const { return static_cast<int>(mean_.size()); }
  /// Writes height * width * channels floats, (H,W,C).
  void operator()(const Image& image, float* out) const;
  /// The same by one look-up a value.
  void plain(const Image& image, float* out) const;

 private:
  std::vector<float> mean_;
  std::vector<float> std_;
  std::vector<std::array<float, 256>> tables_;  ///< the values, by channel and pixel
  bool vectorised_ = false;                     ///< the vectorised form gives the tables' very values on this machine
};

}  // namespace springbok::image
