// Sharpness-aware minimisation: the weights go up the loss, and come back.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "springbok/recipe/learn_settings.h"
#include "springbok/train/optim/param_group.h"

namespace springbok::train {

/// The first half of a step of Foret et al. 2021, eq. 2: p <- p + rho g / |g|, with |g| over all parameters. Adaptive
/// (Kwon et al. 2021, eq. 3): p <- p + rho p^2 g / | |p| g |. The gradients are then cleared for the second half.
class Climb {
 public:
  Climb(const std::vector<ParamGroup>& groups, const recipe::SharpnessSettings& settings);
  /// Back to where the weights were, to the last bit; gradients stay.
  void back();
  /// False where the gradients are not finite: then nothing moved, and they are still there.
  bool done() const { return done_; }

 private:
  std::vector<at::Tensor> values_, before_;
  bool done_ = false;
};

}  // namespace springbok::train
