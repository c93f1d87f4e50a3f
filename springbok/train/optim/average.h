// A moving average of the weights, kept beside them.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "springbok/base/indexed.h"
#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"
#include "springbok/tensors/value.h"

namespace springbok::train {

/// average <- decay average + (1 - decay) value, of parameters and running statistics; counters are copied. As timm's
/// ModelEmaV2 and torch.optim.swa_utils.get_ema_multi_avg_fn.
class Average {
 public:
  /// Begins as the state is. Throws Error for a decay outside [0, 1].
  Average(const graph::Graph& graph, const engine::State& state, double decay);

  /// After an update of the weights.
  void update(const engine::State& state);
  /// The averaged weights, to evaluate and to release.
  const engine::State& state() const { return average_; }

  double decay() const { return decay_; }
  /// The tensors under the network's names, no copy; and back. Throws Error naming `where` for what does not fit.
  tensors::Dict save() const;
  void load(const tensors::Dict& dict, const std::string& where);

 private:
  const graph::Graph& graph_;
  double decay_;
  engine::State average_;
};

}  // namespace springbok::train
