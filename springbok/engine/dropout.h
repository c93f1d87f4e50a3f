// Dropout whose mask is a pure function of its name, so that it does not depend on batch split, ranks or threads.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string_view>

namespace springbok::engine {

/// The name of a random stream inside a network.
struct NoiseName {
  std::uint64_t seed = 0;
  std::int64_t step = 0;
  std::string_view path;
  std::int64_t first_sample = 0;
};

/// Zeroes each element of (N,...) with probability p and scales the rest by 1/(1-p). Element e of sample s depends only
/// on (seed, step, path, first_sample + s, e).
at::Tensor dropout(const at::Tensor& x, double p, const NoiseName& name);

}  // namespace springbok::engine
