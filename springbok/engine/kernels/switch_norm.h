// Switchable normalisation.
#pragma once

#include <ATen/core/Tensor.h>

#include "springbok/graph/op.h"

namespace springbok::engine {

/// Its tensors: (C) each but the two weights of the statistics, (3).
struct SwitchNormState {
  const at::Tensor& weight;
  const at::Tensor& bias;
  const at::Tensor& mean_weight;
  const at::Tensor& var_weight;
  const at::Tensor& running_mean;
  const at::Tensor& running_var;
};

/// (N,C,H,W), H * W > 1 -> the same shape. With `batch` the batch's statistics are used and move the running ones.
at::Tensor switch_norm(const graph::SwitchNorm& op, const at::Tensor& input, const SwitchNormState& state, bool batch);

}  // namespace springbok::engine
