// Squeeze-and-excitation: the mean of each map, and the product of maps with one factor a channel, as ops under
// autograd.
#pragma once

#include <ATen/core/Tensor.h>

namespace springbok::engine {

/// at::adaptive_avg_pool2d(x, {1, 1}): (N,C,H,W) -> (N,C,1,1), of any type and layout. The gradient is one value a map,
/// which ATen writes for every pixel.
at::Tensor map_means(const at::Tensor& x);

/// Why `gate` does not take these inputs, null where it does. It wants channels-last float on the CPU, a multiple of 8
/// channels, one factor for each of them, and 262,144 values or more.
const char* gate_misfit(const at::Tensor& x, const at::Tensor& factor);

/// at::mul(x, factor): (N,C,H,W) and (N,C,1,1) -> (N,C,H,W). Backward goes over memory 3 times instead of 6. Sums are
/// in an order that does not depend on the number of threads.
at::Tensor gate(const at::Tensor& x, const at::Tensor& factor);

}  // namespace springbok::engine
