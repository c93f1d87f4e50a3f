// Dropout, stochastic depth and DropBlock. What is dropped is a pure function of a name, so that it does not depend on
// batch split, ranks or threads.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string_view>

#include "springbok/graph/op_trick.h"

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

/// The rate at which blocks are drawn in maps of that size so that about p of them is dropped (alg. 1, eq. 1). The form
/// of torch-toolbox and ModelZoo is as published: below 0 for maps narrower than a block.
double drop_block_rate(const graph::DropBlock& op, double p, std::int64_t height, std::int64_t width);

/// The blocks that DropBlock drops with probability p from a map like x (N,C,H,W): 1 where one is, else 0. In the
/// paper's form by its upper left pixel: (N,C,H-b+1,W-b+1) for blocks of b x b, b = min(block, H, W). In
/// torch-toolbox's by its centre: (N,C,H,W), in ModelZoo's (1,C,H,W). Sample s depends only on its name, as above.
at::Tensor block_seeds(const at::Tensor& x, const graph::DropBlock& op, double p, const NoiseName& name);

/// Zeroes the blocks and scales the rest of the batch by mask elements / mask elements kept.
at::Tensor drop_block(const at::Tensor& x, const graph::DropBlock& op, const at::Tensor& seeds);

}  // namespace springbok::engine
