// Dropout, stochastic depth and DropBlock. What is dropped is a pure function of a name, so that it does not depend on
// batch split, ranks or threads.
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

/// (samples): 0 with probability p, else 1. Sample s depends only on (seed, step, path, first_sample + s).
at::Tensor kept_samples(std::int64_t samples, double p, const NoiseName& name);

/// Scales the samples of (N,...) that `kept` (N) holds by 1/(1-p) and zeroes the others.
at::Tensor drop_path(const at::Tensor& x, double p, const at::Tensor& kept);

/// The blocks that DropBlock drops from a map like x (N,C,H,W): 1 where one is, by its upper left pixel, else 0:
/// (N,C,H-b+1,W-b+1) for blocks of b x b, b = min(block, H, W). Sample s depends only on its name, as above.
at::Tensor block_corners(const at::Tensor& x, double p, std::int64_t block, const NoiseName& name);

/// Zeroes the blocks and scales the rest of the batch by mask elements / mask elements kept.
at::Tensor drop_block(const at::Tensor& x, std::int64_t block, const at::Tensor& corners);

}  // namespace springbok::engine
