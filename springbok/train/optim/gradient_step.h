// What happens to gradients between backward and the update: steps in an order that the caller chooses.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "springbok/train/optim/param_group.h"

namespace springbok::train {

/// Changes the gradients of all groups in place. A step that measures their norm returns it.
using GradientStep = std::function<std::optional<double>(const std::vector<ParamGroup>&)>;

/// Scales all gradients so that their L2 norm together is at most `most`, as torch.nn.utils.clip_grad_norm_; returns
/// the norm before.
GradientStep clip_norm(double most);

/// Gradient centralisation (Yong et al. 2020, eq. 1): takes from each gradient its mean over all dimensions but the
/// first. Of tensors of at least so many dimensions: 4 for convolutions, 2 for linear layers too.
GradientStep centralise(std::int64_t least_dimensions = 2);

}  // namespace springbok::train
