// Focal loss: classes that are told well already count less.
#pragma once

#include <ATen/core/Tensor.h>

namespace springbok::tasks {

struct FocalOptions {
  double gamma = 2;
  double alpha = 0.25;  ///< weight of classes that are there, 1 - alpha of the others; below 0: all 1
};

/// Lin et al. 2017, eq. 5, as torchvision.ops.sigmoid_focal_loss, summed over classes: binary cross-entropy times
/// (1 - p_t)^gamma. logits, soft (N,classes) -> a loss a row (N). Without alpha it is torch-toolbox's FocalLoss. Its
/// gradient is finite for each gamma; both sources have NaN at saturated logits for gamma below 1.
at::Tensor focal(const at::Tensor& logits, const at::Tensor& soft, const FocalOptions& options = {});

}  // namespace springbok::tasks
