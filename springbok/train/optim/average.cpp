// Moving averages.
#include "springbok/train/optim/average.h"

#include <ATen/core/grad_mode.h>

#include "springbok/base/error.h"

namespace springbok::train {

Average::Average(const graph::Graph& graph, const engine::State& state, double decay) : graph_(graph), decay_(decay) {
  const bool share = decay >= 0 && decay <= 1;
  if (!share) fail("an average's decay is from 0 to 1, not {}", decay);
  for (const at::Tensor& tensor : state.tensors) average_.tensors.push_back(tensor.detach().clone());
}

void Average::update(const engine::State& state) {
  const at::NoGradGuard no_grad;
  const auto count = static_cast<graph::ParamId>(graph_.params().size());
  for (graph::ParamId id = 0; id < count; ++id) {
    at::Tensor& average = average_.tensors[id];
    if (average.is_floating_point()) {
      average.lerp_(state.tensors[id].detach(), 1 - decay_);
    } else {
      average.copy_(state.tensors[id]);
    }
  }
}

tensors::Dict Average::save() const {
  tensors::Dict dict;
  for (const auto& [name, tensor] : engine::state_dict(graph_, average_))
    dict.emplace_back(name, tensors::Value{tensor});
  return dict;
}

void Average::load(const tensors::Dict& dict, const std::string& where) {
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
