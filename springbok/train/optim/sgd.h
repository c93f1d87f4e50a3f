// Stochastic gradient descent with momentum, Nesterov's form and weight decay: PyTorch's update, fused.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"
#include "springbok/recipe/sgd_settings.h"
#include "springbok/tensors/value.h"

namespace springbok::train {

using recipe::SgdSettings;

/// The optimizer of one state. It holds the momentum buffers; the parameters stay the state's.
class Sgd {
 public:
  /// The graph and the state must outlive it.
  Sgd(const graph::Graph& graph, engine::State& state, const SgdSettings& settings);
  Sgd(const graph::Graph&&, engine::State&, const SgdSettings&) = delete;  ///< a temporary would not outlive it

  /// One update with the gradients that are there; a parameter without one stays as it is, as in PyTorch.
  void step(double lr);
  void clear_gradients();
  /// Scales all gradients so that their L2 norm together is at most `most`, as torch.nn.utils.clip_grad_norm_; returns
  /// the norm before.
  double clip(double most);

  /// As torch.optim.SGD.state_dict(): `state` (index -> momentum_buffer) and `param_groups`; indices count the groups'
  /// parameters in order, decayed ones first. No copy.
  tensors::Dict state_dict(double lr) const;
  /// The reverse. Throws Error naming `where` for what does not fit the parameters.
  void load(const tensors::Dict& dict, const std::string& where);

  const SgdSettings& settings() const { return settings_; }

 private:
  struct Slot {
    std::size_t param = 0;  ///< index in the graph's parameters
    at::Tensor value;
    at::Tensor momentum;  ///< undefined until the first update
  };
  struct Group {
    double weight_decay = 0;
    std::vector<Slot> slots;
  };
  void update(Group& group, bool first, double lr);

  const graph::Graph& graph_;
  SgdSettings settings_;
  std::vector<Group> groups_;
};

}  // namespace springbok::train
