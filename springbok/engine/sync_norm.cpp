// Batch norm over ranks, on ATen.
#include "springbok/engine/sync_norm.h"

#include <ATen/Functions.h>
#include <torch/csrc/autograd/custom_function.h>

#include "springbok/base/error.h"

namespace springbok::engine {
namespace {

at::Tensor sum_of(const at::Tensor& mine, Group& group) {
  at::Tensor sum = mine.contiguous().clone();
  group.sum(sum);
  return sum;
}

struct Summed : torch::autograd::Function<Summed> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& mine, std::int64_t group) {
    context->saved_data["group"] = group;
    return sum_of(mine, *reinterpret_cast<Group*>(group));
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    auto* group = reinterpret_cast<Group*>(context->saved_data["group"].toInt());
    return {sum_of(gradients[0], *group), at::Tensor()};
  }
};

at::Tensor by_channel(const at::Tensor& values) {
  return values.reshape({1, -1, 1, 1});
}

}  // namespace

at::Tensor summed(const at::Tensor& mine, Group& group) {
  return Summed::apply(mine, static_cast<std::int64_t>(reinterpret_cast<std::intptr_t>(&group)));
}

at::Tensor sync_norm(const at::Tensor& x, const NormState& norm, Group& group, const std::string& where) {
  constexpr std::int64_t kChannels = 1;
  const at::Tensor wide = x.to(norm.mean.scalar_type());  // statistics of what is lower are float32 too
  const std::int64_t channels = x.size(kChannels);
  const at::Tensor mine = at::full({1}, static_cast<double>(x.numel() / channels), wide.options());
  const at::Tensor sums = summed(at::cat({wide.sum({0, 2, 3}), mine}), group);
  const auto count = sums[channels].item<double>();
  if (count < 2) {
    fail("{}: one value a channel has no batch statistics; train with a batch of 2 or more, or larger images", where);
  }
  const at::Tensor mean = sums.narrow(0, 0, channels).div(count);
  const at::Tensor centred = wide.sub(by_channel(mean));
  const at::Tensor variance = summed(centred.square().sum({0, 2, 3}), group).div(count);
  norm.mean.detach().lerp_(mean.detach(), norm.momentum);
  norm.var.detach().lerp_(variance.detach().mul(count / (count - 1)), norm.momentum);
  at::Tensor scale = variance.add(norm.eps).rsqrt();
  if (norm.weight.defined()) scale = scale.mul(norm.weight);
  const at::Tensor scaled = centred.mul(by_channel(scale));
  return (norm.bias.defined() ? scaled.add(by_channel(norm.bias)) : scaled).to(x.scalar_type());
}

}  // namespace springbok::engine
