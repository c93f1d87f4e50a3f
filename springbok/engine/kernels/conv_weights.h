// Plain convolutions whose weights' gradient is our own, as one op under autograd.
#pragma once

#include <ATen/core/Tensor.h>

#include "springbok/graph/op.h"

namespace springbok::engine {

/// Why `conv_with_weights` does not take this convolution, null where it does. It takes one group, no bias and 2^25
/// products or more, a multiple of 8 channels going in. Dilated ones have no stride, and maps of 2^13 pixels at most.
/// Images and weights are channels-last float on the CPU.
const char* conv_weights_misfit(const graph::Conv2d& op, const at::Tensor& x, const at::Tensor& weight);

/// at::conv2d(x, weight), and its gradient of x. The weights' gradient takes 0.5 to 0.9 of oneDNN's time there, and
/// less where dilated taps meet little of the image. Its sums are in an order that does not depend on the number of
/// threads.
at::Tensor conv_with_weights(const at::Tensor& x, const at::Tensor& weight, graph::Pair stride, graph::Pair padding,
                             graph::Pair dilation = {1, 1});

}  // namespace springbok::engine
