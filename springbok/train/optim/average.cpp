// Moving averages.
#include "springbok/train/optim/average.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "springbok/base/error.h"

namespace springbok::train {
namespace {

/// No parameter has a space in its name.
constexpr const char *kLastEpoch = "last epoch", *kEpochs = "epochs in it";

}  // namespace

Average::Average(const graph::Graph& graph, const engine::State& state, const AverageRule& rule)
    : graph_(graph), rule_(rule) {
  const bool share = rule.decay >= 0 && rule.decay <= 1;
  if (!share) fail("an average's decay is from 0 to 1, not {}", rule.decay);
  if (rule.every < 1) fail("an average takes the weights in after one step or more, not {}", rule.every);
  for (const at::Tensor& tensor : state.tensors) average_.tensors.push_back(tensor.detach().clone());
}

void Average::move(const engine::State& state, double share, bool statistics) {
  const at::NoGradGuard no_grad;
  const auto count = static_cast<graph::ParamId>(graph_.params().size());
  for (graph::ParamId id = 0; id < count; ++id) {
    at::Tensor& average = average_.tensors[id];
    if (average.is_floating_point() && (statistics || !graph_.param(id).buffer)) {
      average.lerp_(state.tensors[id].detach(), share);
    } else {
      average.copy_(state.tensors[id]);
    }
  }
}

void Average::update(const engine::State& state, std::int64_t step) {
  if (rule_.equal || step % rule_.every != 0) return;
  double decay = rule_.decay;
  if (rule_.warmup) {
    constexpr double kPower = -2.0 / 3;
    decay = std::min(decay, 1 - std::pow(static_cast<double>(step), kPower));
  }
  move(state, 1 - decay, true);
}

void Average::end_epoch(const engine::State& state, std::int64_t epoch) {
  if (!rule_.equal || epoch == last_epoch_) return;
  last_epoch_ = epoch;
  if (epoch > rule_.from_epoch) ++epochs_;
  move(state, 1 / static_cast<double>(std::max<std::int64_t>(epochs_, 1)), false);
}

tensors::Dict Average::save() const {
  tensors::Dict dict;
  for (const auto& [name, tensor] : engine::state_dict(graph_, average_))
    dict.emplace_back(name, tensors::Value{tensor});
  if (!rule_.equal) return dict;
  dict.push_back({kLastEpoch, {last_epoch_}});
  dict.push_back({kEpochs, {epochs_}});
  return dict;
}

void Average::load(const tensors::Dict& dict, const std::string& where) {
  if (rule_.equal) {
    const auto* epoch = tensors::find_as<std::int64_t>(dict, kLastEpoch);
    const auto* epochs = tensors::find_as<std::int64_t>(dict, kEpochs);
    if (epoch == nullptr || epochs == nullptr) fail("{}: the average's '{}' is missing", where, kLastEpoch);
    last_epoch_ = *epoch;
    epochs_ = *epochs;
  }
  const auto count = static_cast<graph::ParamId>(graph_.params().size());
  for (graph::ParamId id = 0; id < count; ++id) {
    const std::string& name = graph_.param(id).name;
    const auto* tensor = tensors::find_as<tensors::Tensor>(dict, name);
    if (tensor == nullptr || at::IntArrayRef(tensor->shape) != average_.tensors[id].sizes()) {
      fail("{}: the average of {} is missing or of another shape", where, name);
    }
    average_.tensors[id].copy_(engine::from_plain(*tensor));
  }
}

}  // namespace springbok::train
