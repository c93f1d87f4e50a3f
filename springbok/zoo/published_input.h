// How published weights want their images prepared, where the file does not say it.
#pragma once

#include <string>
#include <vector>

namespace springbok::zoo {

/// The evaluation transform of a model's published weights.
struct PublishedInput {
  double crop_ratio = 0.875;  ///< the shorter side is resized to input / crop_ratio
  std::string interpolation = "bilinear";
  std::vector<double> mean, std;  ///< of RGB pixels in [0,1]
};

/// The model's; torchvision's common one (256, centre 224, ImageNet's mean and deviation) unless it has a row of its
/// own.
PublishedInput published_input(const std::string& model);

}  // namespace springbok::zoo
