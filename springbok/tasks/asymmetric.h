// Asymmetric losses (Ridnik et al. 2021): classes that are not there count less than those that are.
#pragma once

#include <ATen/core/Tensor.h>

#include "springbok/tasks/targets.h"

namespace springbok::tasks {

struct AsymmetricOptions {
  double gamma_neg = 4, gamma_pos = 1;  ///< focusing of classes that are not there, and that are
  double clip = 0.05;                   ///< probability that an absent class may have for nothing
};

/// Eq. 7 of the paper, as its code and timm's AsymmetricLossMultiLabel: a sigmoid a class, summed over classes.
/// logits, soft (N,classes) -> a loss a row (N).
at::Tensor asymmetric(const at::Tensor& logits, const at::Tensor& soft, const AsymmetricOptions& options = {});

/// The authors' form for one class an image, timm's AsymmetricLossSingleLabel: on softmax, without `clip`; smoothing
/// acts on the targets, not on the focusing. A mixture is that of the two losses. -> a loss a row (N).
at::Tensor asymmetric_softmax(const at::Tensor& logits, const MixedTargets& mixed, const Smoothing& smoothing,
                              const AsymmetricOptions& options = {});

}  // namespace springbok::tasks
