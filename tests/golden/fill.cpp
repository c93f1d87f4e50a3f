// The fill: values that are a pure function of a tensor's name.
#include <ATen/Functions.h>

#include <cmath>

#include "springbok/base/rng.h"
#include "tests/golden/functions/functions.h"
#include "tests/golden/golden.h"

namespace springbok::golden {
namespace {

/// Uniform in [0, 1), 24 bits: the i-th value of the stream named by `hash`.
double uniform(std::uint64_t hash, std::uint64_t i) {
  std::uint64_t z = hash + (i + 1) * 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  z ^= z >> 31;
  return static_cast<double>(z >> 40) / 16777216.0;
}

/// value = low + scale * u, by the first rule that fits.
struct Rule {
  double low;
  double scale;
};

Rule rule_for(const std::string& key, const graph::Shape& shape) {
  if (key == "__input__") return {-2, 4};
  if (key == "__target__") return {-1, 2};
  if (key.ends_with("num_batches_tracked")) return {0, 0};
  if (key.ends_with("running_var")) return {0.5, 1};
  if (key.ends_with("running_mean")) return {-0.1, 0.2};
  if (shape.size() >= 2) {
    double fan_in = 1;
    for (std::size_t i = 1; i < shape.size(); ++i) fan_in *= static_cast<double>(shape[i]);
    const double bound = std::sqrt(3 / fan_in) * std::sqrt(2);
    return {-bound, 2 * bound};
  }
  if (shape.size() == 1 && key.ends_with("weight")) return {0.5, 1};
  return {-0.1, 0.2};
}

}  // namespace

at::Tensor fill(const std::string& key, const graph::Shape& shape) {
  const Rule rule = rule_for(key, shape);
  const std::uint64_t hash = fnv1a64(key);
  at::Tensor tensor = at::empty(shape, at::kDouble);
  double* values = tensor.mutable_data_ptr<double>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    const double value = rule.low + rule.scale * uniform(hash, static_cast<std::uint64_t>(i));
    values[i] = static_cast<double>(static_cast<float>(value));
  }
  return tensor;
}

at::Tensor fill_u(const std::string& key, const graph::Shape& shape) {
  const std::uint64_t hash = fnv1a64(key);
  at::Tensor tensor = at::empty(shape, at::kDouble);
  double* values = tensor.mutable_data_ptr<double>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) values[i] = uniform(hash, static_cast<std::uint64_t>(i));
  return tensor;
}

engine::State filled_state(const graph::Graph& graph, at::ScalarType dtype) {
  engine::State state;
  for (const graph::Param& param : graph.params()) {
    if (param.integer) {
      state.tensors.push_back(at::zeros(param.shape, at::kLong));
    } else {
      state.tensors.push_back(fill(param.name, param.shape).to(dtype).set_requires_grad(param.trainable));
    }
  }
  return state;
}

}  // namespace springbok::golden
