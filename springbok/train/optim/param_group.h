// Parameters as optimizers see them: groups that share what is set for them.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"

namespace springbok::train {

/// One parameter of a state; the tensor is the state's own.
struct Slot {
  graph::ParamId param = graph::kNoParam;
  std::string name;
  at::Tensor value;
};

struct ParamGroup {
  double weight_decay = 0;
  double lr_scale = 1;  ///< of the step's learning rate
  std::vector<Slot> slots;
};

/// The trainable parameters in the graph's order: one group that decays, and one that does not. The second has norm
/// weights and biases (`Param::decay` is false); there is none where these decay too or are absent. Throws Error for a
/// state of another graph.
std::vector<ParamGroup> decay_groups(const graph::Graph& graph, const engine::State& state, double weight_decay,
                                     bool norm_decay);

/// The gradients that are there, in order.
std::vector<at::Tensor> gradients_of(const std::vector<ParamGroup>& groups);

}  // namespace springbok::train
