// Cross-entropy of softmax, for one class an image or a mixture of two.
#pragma once

#include <ATen/core/Tensor.h>

#include "springbok/tasks/targets.h"

namespace springbok::tasks {

struct CrossEntropyOptions {
  Smoothing smoothing = {};
  at::Tensor weights = {};  ///< (classes), as torch.nn.CrossEntropyLoss's; undefined: all 1
};

/// Summed over the batch, as torch.nn.functional.cross_entropy(reduction="sum"). The target distribution is
/// (1 - smoothing) one-hot + smoothing / classes, or torch-toolbox's (`Smoothing`). logits (N,classes) float or double,
/// targets (N) int64 -> scalar. Throws Error for other types and shapes, and for a target that is no class.
at::Tensor cross_entropy_sum(const at::Tensor& logits, const at::Tensor& targets, const CrossEntropyOptions& options);
at::Tensor cross_entropy_sum(const at::Tensor& logits, const at::Tensor& targets, double smoothing = 0);

/// The cross-entropy with the mixture of the two targets, to which it is linear.
at::Tensor cross_entropy_sum(const at::Tensor& logits, const MixedTargets& mixed, const CrossEntropyOptions& options);
at::Tensor cross_entropy_sum(const at::Tensor& logits, const MixedTargets& mixed, double smoothing = 0);

}  // namespace springbok::tasks
