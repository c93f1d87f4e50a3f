// What the tests of kernels share: inputs by the golden formula, and how far a result is from float64's.
#pragma once

#include <ATen/Functions.h>

#include <cstdint>
#include <vector>

#include "tests/golden/golden.h"

namespace springbok::engine {

/// Values of single precision, channels last, that want a gradient.
inline at::Tensor made(const char* name, const std::vector<std::int64_t>& shape, at::ScalarType dtype) {
  return golden::fill(name, shape)
      .to(at::kFloat)
      .to(dtype)
      .contiguous(at::MemoryFormat::ChannelsLast)
      .set_requires_grad(true);
}

/// The same, of values that bfloat16 holds.
inline at::Tensor made_lower(const char* name, const std::vector<std::int64_t>& shape, at::ScalarType dtype) {
  return made(name, shape, at::kFloat).detach().to(at::kBFloat16).to(dtype).set_requires_grad(true);
}

/// What one rounding to bfloat16 may cost, as a share of the largest value.
inline constexpr double kLowerRounding = 1.0 / 256;

/// The largest difference, as a share of the largest value wanted.
inline double error(const at::Tensor& got, const at::Tensor& wanted) {
  return at::max(at::abs(at::sub(got.to(at::kDouble), wanted))).item<double>() /
         at::max(at::abs(wanted)).item<double>();
}

/// Gradients of a sum with weights of its own for each value.
inline void backward(const at::Tensor& y) {
  at::sum(at::mul(y, golden::fill("__target__", y.sizes().vec()).to(y.scalar_type()))).backward();
}

}  // namespace springbok::engine
