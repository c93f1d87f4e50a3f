// Grouping parameters.
#include "springbok/train/optim/param_group.h"

#include "springbok/base/error.h"

namespace springbok::train {

std::vector<ParamGroup> decay_groups(const graph::Graph& graph, const engine::State& state, double weight_decay,
                                     bool norm_decay) {
  if (state.tensors.size() != graph.params().size()) {
    fail("the optimizer's state has {} tensors, its graph {} parameters: it is another graph's", state.tensors.size(),
         graph.params().size());
  }
  ParamGroup decayed{.weight_decay = weight_decay, .slots = {}}, plain{.weight_decay = 0, .slots = {}};
  const auto count = static_cast<graph::ParamId>(graph.params().size());
  for (graph::ParamId id = 0; id < count; ++id) {
    const graph::Param& param = graph.param(id);
    if (param.buffer || !param.trainable) continue;
    ParamGroup& group = param.decay || norm_decay ? decayed : plain;
    group.slots.push_back({id, param.name, state.tensors[id]});
  }
  std::vector<ParamGroup> groups;
  groups.push_back(std::move(decayed));
  if (!plain.slots.empty()) groups.push_back(std::move(plain));
  return groups;
}

std::vector<at::Tensor> gradients_of(const std::vector<ParamGroup>& groups) {
  std::vector<at::Tensor> gradients;
  for (const ParamGroup& group : groups) {
    for (const Slot& slot : group.slots) {
      if (slot.value.grad().defined()) gradients.push_back(slot.value.grad());
    }
  }
  return gradients;
}

}  // namespace springbok::train
