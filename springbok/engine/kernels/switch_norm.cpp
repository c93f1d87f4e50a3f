// Switchable normalisation as its authors and as torch-toolbox write it, on ATen.
#include "springbok/engine/kernels/switch_norm.h"

#include <ATen/Functions.h>

#include <array>

#include "springbok/engine/kernels/variance.h"

namespace springbok::engine {
namespace {

constexpr std::array<std::int64_t, 2> kInstance{2, 3};
constexpr std::array<std::int64_t, 3> kLayer{1, 2, 3};
constexpr std::array<std::int64_t, 3> kBatch{0, 2, 3};

/// The mean and the unbiased variance of each sample's channel (N,C,1,1), and what other statistics are made of.
struct Statistics {
  at::Tensor mean, var;
};

/// Of the whole sample or batch from its channels': the paper's authors' way, of equal parts.
Statistics composed(const Statistics& instance, std::int64_t over) {
  const at::Tensor mean = at::mean(instance.mean, over, true);
  const at::Tensor square = at::mean(instance.var.add(instance.mean.square()), over, true);
  return {mean, square.sub(mean.square())};
}

Statistics of_layer(const graph::SwitchNorm& op, const at::Tensor& x, const Statistics& instance) {
  if (op.form == graph::SwitchForm::paper) return composed(instance, 1);
  return {at::mean(x, kLayer, true), sample_variance(x, kLayer)};
}

Statistics of_batch(const graph::SwitchNorm& op, const at::Tensor& x, const Statistics& instance) {
  if (op.form == graph::SwitchForm::paper) return composed(instance, 0);
  return {at::mean(x, kBatch, true), at::var(x, kBatch, true, true)};
}

}  // namespace

at::Tensor switch_norm(const graph::SwitchNorm& op, const at::Tensor& input, const SwitchNormState& state, bool batch) {
  const at::Tensor x = input.to(state.weight.scalar_type());  // statistics of what is lower are float32 too
  const auto along_channels = [&](const at::Tensor& values) { return values.view({1, op.channels, 1, 1}); };
  const Statistics instance{at::mean(x, kInstance, true), sample_variance(x, kInstance)};
  const Statistics layer = of_layer(op, x, instance);
  Statistics of_all{along_channels(state.running_mean), along_channels(state.running_var)};
  if (batch) {
    of_all = of_batch(op, x, instance);
    state.running_mean.lerp_(of_all.mean.detach().flatten(), op.momentum);
    state.running_var.lerp_(of_all.var.detach().flatten(), op.momentum);
  }
  // The three statistics, weighted.
  const auto mixed = [](const at::Tensor& weight, at::Tensor Statistics::*which, const auto&... statistics) {
    const at::Tensor share = at::softmax(weight, 0);
    std::int64_t i = 0;
    at::Tensor sum;
    ((sum = i == 0 ? (statistics.*which).mul(share[0]) : sum.add((statistics.*which).mul(share[i])), ++i), ...);
    return sum;
  };
  const at::Tensor mean = mixed(state.mean_weight, &Statistics::mean, instance, layer, of_all);
  const at::Tensor var = mixed(state.var_weight, &Statistics::var, instance, layer, of_all);
  const at::Tensor normed = at::div(at::sub(x, mean), var.add(op.eps).sqrt());
  return normed.mul(along_channels(state.weight)).add(along_channels(state.bias));
}

}  // namespace springbok::engine
