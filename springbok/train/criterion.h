// The loss that a recipe names.
#pragma once

#include <vector>

#include "springbok/recipe/recipe.h"
#include "springbok/train/stepper.h"

namespace springbok::train {

/// Summed over a batch. `class_weights`: of each class, empty where the recipe has none. A weighted batch's mean is
/// taken as `weighted_mean` says, and counts in the step by the batch's images. The batch may be shared by `ranks`,
/// which outlive the loss.
Loss loss_for(const recipe::LossSettings& settings, double label_smoothing,
              const std::vector<double>& class_weights = {}, engine::Group& ranks = engine::alone());

/// The weights of a recipe's classes, from how many images each has. Empty where it asks for none.
std::vector<double> class_weights_of(const recipe::Recipe& recipe, const data::Source& training);

}  // namespace springbok::train
