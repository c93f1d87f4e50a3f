// What happens to gradients between backward and the update: steps in an order that the caller chooses.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "springbok/train/optim/param_group.h"

namespace springbok::train {

/// Changes the gradients of all groups in place. A step that measures their norm returns it.
using GradientStep = std::function<std::optional<double>(const std::vector<ParamGroup>&)>;

/// Scales all gradients so that their L2 norm together is at most `most`, as torch.nn.utils.clip_grad_norm_; returns
/// the norm before.
GradientStep clip_norm(double most);

/// Cuts every element to +-most, as torch.nn.utils.clip_grad_value_.
GradientStep clip_value(double most);

/// Adaptive clipping (Brock et al. 2021, eq. 3; timm.utils.adaptive_clip_grad). A unit is a row of a weight. Its
/// gradient is at most `ratio` times as long as the row, or as 0.001 where that is longer. Parameters of one dimension
/// are one unit; those named in `but`, the classifier's, stay.
GradientStep clip_adaptively(double ratio, std::vector<std::string> but = {});

/// Gradient centralisation (Yong et al. 2020, eq. 1): takes from each gradient its mean over all dimensions but the
/// first. Of tensors of at least so many dimensions: 4 for convolutions, 2 for linear layers too.
GradientStep centralise(std::int64_t least_dimensions = 2);

/// torch-toolbox's SGD_GC: weight decay is centralised with the gradient, g + decay p, so that the sum of a filter
/// never moves. For rules that then add decay p.
GradientStep centralise_decayed(std::int64_t least_dimensions = 4);

}  // namespace springbok::train
