// Depthwise convolutions, as one op under autograd.
#pragma once

#include <ATen/core/Tensor.h>

#include "springbok/graph/op.h"

namespace springbok::engine {

/// Why `depthwise` does not take this convolution, null where it does. It takes one channel a group, 3 x 3 and
/// 5 x 5 with stride 1 or 2. Padding is below the kernel's size; there is no dilation and no bias. The images are
/// channels-last float on the CPU, with a multiple of 8 channels, and 262,144 values or more: on less, no time is to be
/// won. What it does not take goes to ATen.
const char* depthwise_misfit(const graph::Conv2d& op, const at::Tensor& x);

/// What at::conv2d gives there: (N,C,H,W) and weights (C,1,k,k) -> (N,C,h,w). Sums are in an order that does not depend
/// on the number of threads.
at::Tensor depthwise(const at::Tensor& x, const at::Tensor& weight, graph::Pair stride, graph::Pair padding);

}  // namespace springbok::engine
