// Switchable normalisation as ModelZoo's toolbox writes it, on ATen.
#include "springbok/engine/kernels/switch_norm.h"

#include <ATen/Functions.h>

#include <array>

#include "springbok/engine/kernels/variance.h"

namespace springbok::engine {
namespace {

constexpr std::array<std::int64_t, 2> kInstance{2, 3};
constexpr std::array<std::int64_t, 3> kLayer{1, 2, 3};
constexpr std::array<std::int64_t, 3> kBatch{0, 2, 3};

}  // namespace

at::Tensor switch_norm(const graph::SwitchNorm& op, const at::Tensor& input, const SwitchNormState& state, bool batch) {
  const at::Tensor x = input.to(state.weight.scalar_type());  // statistics of what is lower are float32 too
  const auto along_channels = [&](const at::Tensor& values) { return values.view({1, op.channels, 1, 1}); };
  at::Tensor batch_mean = along_channels(state.running_mean), batch_var = along_channels(state.running_var);
  if (batch) {
    batch_mean = at::mean(x, kBatch, true);
    batch_var = at::var(x, kBatch, true, true);
    state.running_mean.lerp_(batch_mean.detach().flatten(), op.momentum);
    state.running_var.lerp_(batch_var.detach().flatten(), op.momentum);
  }
  // The three statistics, weighted.
  const auto mixed = [](const at::Tensor& weight, const at::Tensor& of_instance, const at::Tensor& of_layer,
                        const at::Tensor& of_batch) {
    const at::Tensor share = at::softmax(weight, 0);
    return of_instance.mul(share[0]).add(of_layer.mul(share[1])).add(of_batch.mul(share[2]));
  };
  const at::Tensor mean = mixed(state.mean_weight, at::mean(x, kInstance, true), at::mean(x, kLayer, true), batch_mean);
  const at::Tensor var = mixed(state.var_weight, sample_variance(x, kInstance), sample_variance(x, kLayer), batch_var);
  const at::Tensor normed = at::div(at::sub(x, mean), var.add(op.eps).sqrt());
  return normed.mul(along_channels(state.weight)).add(along_channels(state.bias));
}

}  // namespace springbok::engine
