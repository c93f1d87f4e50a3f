// Modulated deformable convolution.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "springbok/graph/op.h"

namespace springbok::engine {

/// (N,in,H,W), offsets (N,2K,H',W'), mask (N,K,H',W') -> (N,out,H',W') for K taps. Needs memory for (N,in,K,H',W').
at::Tensor deform_conv(const graph::DeformConv2d& op, const at::Tensor& x, const at::Tensor& offset,
                       const at::Tensor& mask, const at::Tensor& weight, const std::optional<at::Tensor>& bias);

}  // namespace springbok::engine
