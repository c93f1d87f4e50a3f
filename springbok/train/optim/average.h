// An average of the weights, kept beside them.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "springbok/base/indexed.h"
#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"
#include "springbok/tensors/value.h"

namespace springbok::train {

/// Which average, and when it takes the weights in. Moving (the default): average <- d average + (1 - d) value, of
/// parameters and running statistics. As timm's ModelEmaV2 and torch.optim.swa_utils.get_ema_multi_avg_fn.
struct AverageRule {
  double decay = 0;  ///< d
  /// d grows: at update s, from 0, it is 1 - (1 + s)^(-2/3), and `decay` at most: timm's ModelEmaV3 with use_warmup.
  bool warmup = false;
  std::int64_t every = 1;  ///< steps between two updates
  /// The mean of the weights of each epoch's end from here on (Izmailov et al. 2018; torch.optim.swa_utils). Running
  /// statistics are those of the last. Before, it is the weights as they are.
  bool equal = false;
  std::int64_t from_epoch = 0;
};

class Average {
 public:
  /// Begins as the state is. Throws Error for a decay outside [0, 1].
  Average(const graph::Graph& graph, const engine::State& state, const AverageRule& rule);
  Average(const graph::Graph& graph, const engine::State& state, double decay)
      : Average(graph, state, AverageRule{.decay = decay}) {}

  /// After an update of the weights, the `step`-th of the run (from 1).
  void update(const engine::State& state, std::int64_t step);
  /// After an epoch, the `epoch`-th of the run (from 1). A second call for the same epoch changes nothing.
  void end_epoch(const engine::State& state, std::int64_t epoch);
  /// The averaged weights, to evaluate and to release.
  const engine::State& state() const { return average_; }
  engine::State& state() { return average_; }

  const AverageRule& rule() const { return rule_; }
  /// The tensors under the network's names, no copy; and back. Throws Error naming `where` for what does not fit.
  tensors::Dict save() const;
  void load(const tensors::Dict& dict, const std::string& where);

 private:
  void move(const engine::State& state, double share, bool statistics);

  const graph::Graph& graph_;
  AverageRule rule_;
  engine::State average_;
  // Kept with an equal average:
  std::int64_t last_epoch_ = 0;  ///< of `end_epoch`
  std::int64_t epochs_ = 0;      ///< whose weights are in it
};

}  // namespace springbok::train
