// What a training minimises: the loss, its form and its numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "springbok/base/option.h"

namespace springbok::recipe {

/// The formulas stand in tasks/: cross_entropy.h, binary_cross_entropy.h, focal.h, asymmetric.h.
enum class LossKind : std::uint8_t { cross_entropy, bce, focal, asymmetric, asymmetric_softmax };
const std::vector<std::string>& loss_kinds();

/// What the classes that are not the true one share: s of C classes, or torch-toolbox's s of C - 1.
enum class SmoothingForm : std::uint8_t { paper, toolbox };
const std::vector<std::string>& smoothing_forms();

/// What a batch's weighted losses are divided by: the sum of their weights, as PyTorch; or the images, as
/// torch-toolbox.
enum class WeightedMean : std::uint8_t { weights, images };
const std::vector<std::string>& weighted_means();

/// The divergence of the student from the teacher (Hinton et al. 2015), or torch-toolbox's, with the teacher's entropy.
enum class DistilForm : std::uint8_t { hinton, toolbox };
const std::vector<std::string>& distil_forms();

struct LossSettings {
  LossKind kind = LossKind::cross_entropy;
  SmoothingForm smoothing_form = SmoothingForm::paper;
  std::string class_weights;  ///< "" none; balanced; effective:BETA; numbers; a file of them (class_weights.h)
  WeightedMean weighted_mean = WeightedMean::weights;
  double label_scale = 1;  ///< of a label's loss, whatever its kind
  double bce_threshold = -1;
  bool bce_sum = false;
  double bce_pos_weight = 1;
  double focal_gamma = 2, focal_alpha = 0.25;
  double asymmetric_gamma_neg = 4, asymmetric_gamma_pos = 1, asymmetric_clip = 0.05;
  double aux_weight = 0.5;  ///< of an auxiliary head's loss (torchvision's references/segmentation)
  std::string teacher;      ///< weights that the network learns from; "": none
  double distil_alpha = 0.5, distil_temperature = 4;
  DistilForm distil_form = DistilForm::hinton;
};

/// The options as the user sees them, with fields in `loss`, which must outlive them.
Options option_table(LossSettings& loss);

}  // namespace springbok::recipe
