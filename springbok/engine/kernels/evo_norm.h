// EvoNorm-B0: normalisation and activation in one.
#pragma once

#include <ATen/core/Tensor.h>

#include "springbok/graph/op.h"

namespace springbok::engine {

/// Its tensors, each (1,C,1,1).
struct EvoNormState {
  const at::Tensor& weight;
  const at::Tensor& bias;
  const at::Tensor& v;
  const at::Tensor& running_var;
};

/// (N,C,H,W), H * W > 1 -> the same shape. With `batch` the batch's variance is used and moves `running_var`.
at::Tensor evo_norm(const graph::EvoNorm& op, const at::Tensor& input, const EvoNormState& state, bool batch);

}  // namespace springbok::engine
