// Masks from the counter-based generator.
#include "springbok/engine/kernels/dropout.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <array>
#include <vector>

#include "springbok/base/rng.h"

namespace springbok::engine {

namespace {

/// (samples, each): `below` with probability p, else `above`.
at::Tensor draw(std::int64_t samples, std::int64_t each, double p, std::array<float, 2> below_above,
                const NoiseName& name) {
  at::Tensor drawn = at::empty({samples, each}, at::kFloat);
  float* values = drawn.mutable_data_ptr<float>();
  const std::uint64_t path = fnv1a64(name.path);
  for (std::int64_t s = 0; s < samples; ++s) {
    Rng rng(name.seed,
            {static_cast<std::uint64_t>(name.step), path, static_cast<std::uint64_t>(name.first_sample + s)});
    for (std::int64_t e = 0; e < each; ++e) *values++ = rng.uniform() < p ? below_above[0] : below_above[1];
  }
  return drawn;
}

}  // namespace

at::Tensor dropout(const at::Tensor& x, double p, const NoiseName& name) {
  const std::int64_t samples = x.size(0);
  const std::int64_t each = samples == 0 ? 0 : x.numel() / samples;
  const at::Tensor mask = draw(samples, each, p, {0, static_cast<float>(1 / (1 - p))}, name);
  return at::mul(x, mask.view(x.sizes()).to(x.options()));
}

at::Tensor kept_samples(std::int64_t samples, double p, const NoiseName& name) {
  return draw(samples, 1, p, {0, 1}, name).flatten();
}

at::Tensor drop_path(const at::Tensor& x, double p, const at::Tensor& kept) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
  shape[0] = x.size(0);
  return at::mul(x, kept.to(x.options()).div(1 - p).view(shape));
}

double drop_block_rate(const graph::DropBlock& op, double p, std::int64_t height, std::int64_t width) {
  const auto real = [](std::int64_t count) { return static_cast<double>(count); };
  if (op.form == graph::DropBlockForm::paper) {
    const std::int64_t side = std::min({op.block, height, width});
    return p * real(height * width) / real(side * side * (height - side + 1) * (width - side + 1));
  }
  return p / real(op.block * op.block) * real(height * width) /
         (real(width - op.block + 1) * real(height * op.block + 1));
}

at::Tensor block_seeds(const at::Tensor& x, const graph::DropBlock& op, double p, const NoiseName& name) {
  const std::int64_t height = x.size(2), width = x.size(3);
  const double rate = drop_block_rate(op, p, height, width);
  if (op.form == graph::DropBlockForm::paper) {
    const std::int64_t side = std::min({op.block, height, width});
    const std::int64_t rows = height - side + 1, columns = width - side + 1;
    return draw(x.size(0), x.size(1) * rows * columns, rate, {1, 0}, name).view({x.size(0), x.size(1), rows, columns});
  }
  NoiseName of_batch = name;
  const bool shared = op.form == graph::DropBlockForm::modelzoo;
  if (shared) of_batch.first_sample = 0;  // the same for every part of a step
  const std::int64_t samples = shared ? 1 : x.size(0);
  return draw(samples, x.size(1) * height * width, rate, {1, 0}, of_batch).view({samples, x.size(1), height, width});
}

at::Tensor drop_block(const at::Tensor& x, const graph::DropBlock& op, const at::Tensor& seeds) {
  const at::Tensor drawn = seeds.to(x.options().requires_grad(false));
  if (op.form != graph::DropBlockForm::paper) {
    const at::Tensor mask = at::rsub(at::max_pool2d(drawn, op.block, 1, op.block / 2), 1);
    return at::mul(x, mask.mul(at::div(at::scalar_tensor(mask.numel(), mask.options()), mask.sum().clamp_min(1))));
  }
  const std::int64_t side = std::min({op.block, x.size(2), x.size(3)}), before = side - 1;
  const at::Tensor padded = at::constant_pad_nd(drawn, {before, before, before, before});
  const at::Tensor mask = at::rsub(at::max_pool2d(padded, {side, side}, {1, 1}), 1);
  const at::ScalarType wide = at::promote_types(x.scalar_type(), at::kFloat);  // counts are too large for float16
  const at::Tensor all = at::scalar_tensor(mask.numel(), mask.options().dtype(wide));
  return at::mul(x, mask).mul(at::div(all, mask.sum(wide).add(1e-6)).to(x.scalar_type()));
}

}  // namespace springbok::engine
