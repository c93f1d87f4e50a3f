// Batch norm in training, with the addition or the activation behind it, as one op under autograd.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "springbok/engine/kernels/rows.h"
#include "springbok/graph/op.h"

namespace springbok::engine {

/// The tensors of a batch norm, (C) each, and its constants. `mean` and `var` are the running statistics, which move.
struct NormState {
  at::Tensor weight, bias, mean, var;
  double momentum = 0.1, eps = 1e-5;
};

/// What normalises, (C) float32 each: (x - mean) scale + bias, the scale being weight / standard deviation.
struct Factors {
  at::Tensor mean, scale, inverse_std;
};

/// The factors of the first channels of which there are moments, as many as `of` has. Moves the running statistics (the
/// variance's is the unbiased one).
Factors factors(const Moments& batch, const Rows& of, const at::Tensor& weight, const NormState& norm);

/// Why `norm_relu` and `norm_act` do not take this input, null where they do. They want channels-last float or bfloat16
/// on the CPU, a multiple of 8 channels, more than one value a channel. What it does not take goes to ATen's ops, one
/// by one.
const char* norm_relu_misfit(const at::Tensor& x);

/// max(batch_norm(x) [+ addend], 0), or without the max if not `relu`. It is what at::batch_norm(training = true),
/// at::add and at::relu give, in fewer passes over memory. Forward has 3 streams instead of 6, backward 5 instead of 8.
/// Statistics are summed in an order that does not depend on the number of threads.
at::Tensor norm_relu(const at::Tensor& x, const std::optional<at::Tensor>& addend, const NormState& norm, bool relu);

/// act(batch_norm(x)): what at::batch_norm(training = true) and the activation's op give. Forward has 3 streams instead
/// of 5, backward 5 instead of 8, and only x is kept.
at::Tensor norm_act(const at::Tensor& x, const NormState& norm, graph::Act act);

}  // namespace springbok::engine
