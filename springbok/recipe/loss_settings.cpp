// The options of losses.
#include "springbok/recipe/loss_settings.h"

#include <limits>

namespace springbok::recipe {
namespace {

constexpr double kAny = std::numeric_limits<double>::infinity();

}  // namespace

const std::vector<std::string>& loss_kinds() {
  static const std::vector<std::string> names{"cross_entropy", "bce", "focal", "asymmetric", "asymmetric_softmax"};
  return names;
}

const std::vector<std::string>& smoothing_forms() {
  static const std::vector<std::string> names{"paper", "toolbox"};
  return names;
}

const std::vector<std::string>& weighted_means() {
  static const std::vector<std::string> names{"weights", "images"};
  return names;
}

const std::vector<std::string>& distil_forms() {
  static const std::vector<std::string> names{"hinton", "toolbox"};
  return names;
}

Options option_table(LossSettings& l) {
  return {
      {"loss", "what training minimises; all but cross_entropy and asymmetric_softmax ask for each class by itself",
       &l.kind, -kAny, kAny, loss_kinds()},
      {"smoothing_form", "label smoothing over all C classes, or torch-toolbox's: over the C - 1 others",
       &l.smoothing_form, -kAny, kAny, smoothing_forms()},
      {"class_weights",
       "of each image's loss by its class: balanced, effective:BETA, numbers (0.5,1,2), or a file of one a line, in "
       "the "
       "order of the classes; empty: none",
       &l.class_weights},
      {"weighted_mean", "weighted losses of a batch are divided by the sum of their weights, or by the images",
       &l.weighted_mean, -kAny, kAny, weighted_means()},
      {"bce_threshold", "bce: targets above it become 1, others 0; -1: as they are", &l.bce_threshold, -1, 1},
      {"bce_sum", "bce: sum over the classes, not their mean", &l.bce_sum},
      {"bce_pos_weight", "bce: weight of the classes that are there", &l.bce_pos_weight, 0, 1e9},
      {"focal_gamma", "focal: how little classes count that are told well already", &l.focal_gamma, 0, 100},
      {"focal_alpha", "focal: weight of the class that is there, 1 - alpha of others; -1: none, as torch-toolbox",
       &l.focal_alpha, -1, 1},
      {"asymmetric_gamma_neg", "asymmetric: focusing of classes that are not there", &l.asymmetric_gamma_neg, 0, 100},
      {"asymmetric_gamma_pos", "asymmetric: of the class that is there", &l.asymmetric_gamma_pos, 0, 100},
      {"asymmetric_clip", "asymmetric: probability that an absent class may have for nothing", &l.asymmetric_clip, 0,
       1},
      {"aux_weight", "weight of the second classifier's loss (aux_head)", &l.aux_weight, 0, 1000},
      {"teacher", "weights of a network to learn from (knowledge distillation); empty: none", &l.teacher},
      {"distil_alpha", "share of the loss that the teacher makes", &l.distil_alpha, 0, 1},
      {"distil_temperature", "by which both networks' scores are divided", &l.distil_temperature, 1e-3, 1e6},
      {"distil_form", "divergence from the teacher, or torch-toolbox's: with the teacher's entropy", &l.distil_form,
       -kAny, kAny, distil_forms()},
  };
}

}  // namespace springbok::recipe
