// Inside the room: variances within each sample.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/var.h>

namespace springbok::engine {

/// The unbiased variance over `dims` of each sample, those kept as 1. No samples have none; LibTorch would warn of it.
inline at::Tensor sample_variance(const at::Tensor& x, at::IntArrayRef dims) {
  return x.numel() == 0 ? at::sum(x, dims, true) : at::var(x, dims, true, true);
}

}  // namespace springbok::engine
