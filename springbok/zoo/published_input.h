// How published weights want their images prepared, where the file does not say it.
#pragma once

#include <string>
#include <vector>

namespace springbok::zoo {

/// The evaluation transform of a model's published weights.
struct PublishedInput {
  int size = 0;               ///< of the input; 0: the model's own
  double crop_ratio = 0.875;  ///< the shorter side is resized to input / crop_ratio
  std::string interpolation = "bilinear";
  std::vector<double> mean = {0.485, 0.456, 0.406};  ///< of RGB pixels in [0,1]
  std::vector<double> std = {0.229, 0.224, 0.225};
};

/// The first that was published for the model; torchvision's common one (256, centre 224, ImageNet's mean and
/// deviation) unless it has a row of its own.
PublishedInput published_input(const std::string& model);

}  // namespace springbok::zoo
