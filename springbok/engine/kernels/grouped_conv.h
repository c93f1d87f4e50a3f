// Grouped 3 x 3 convolutions of few channels a group, as one op under autograd.
#pragma once

#include <ATen/core/Tensor.h>

#include "springbok/graph/op.h"

namespace springbok::engine {

/// Why `grouped_conv` does not take this convolution, null where it does. It takes 3 x 3, stride 1, padding 1, no bias,
/// and groups of 4 or 8 channels in and out (the first stages of every ResNeXt). The tensors are channels-last float
/// or bfloat16 on the CPU, with a multiple of 8 channels. All others go to ATen.
const char* grouped_conv_misfit(const graph::Conv2d& op, const at::Tensor& x, const at::Tensor& weight);

/// at::conv2d(x, weight) with as many groups as `weight` says: (N,C,H,W), (C,C/groups,3,3) -> (N,C,H,W). Sums are
/// float32 in any case. The weights' gradient does not depend on the number of threads.
at::Tensor grouped_conv(const at::Tensor& x, const at::Tensor& weight);

}  // namespace springbok::engine
