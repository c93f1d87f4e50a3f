// Batch norm whose batch is that of all ranks.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "springbok/engine/group.h"
#include "springbok/engine/kernels/norm_relu.h"

namespace springbok::engine {

/// The sum over all ranks under autograd: what flows back is summed too, as each rank's loss depends on it.
at::Tensor summed(const at::Tensor& mine, Group& group);

/// What torch.nn.SyncBatchNorm computes: at::batch_norm(training = true) of the ranks' images taken together, values,
/// gradients and running statistics. x (N,C,H,W), also of no images; weight and bias may be undefined. Two sums of C
/// numbers forward, and as many backward. Throws Error naming `where` for less than two values a channel.
at::Tensor sync_norm(const at::Tensor& x, const NormState& norm, Group& group, const std::string& where);

}  // namespace springbok::engine
