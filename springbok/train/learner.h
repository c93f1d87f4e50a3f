// What learns: the network, its weights, the optimizer, averages of the weights, the loss scaler. One save, one load.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"
#include "springbok/tensors/value.h"
#include "springbok/train/optim/average.h"
#include "springbok/train/optim/loss_scaler.h"
#include "springbok/train/optim/optimizer.h"
#include "springbok/train/plateau.h"

namespace springbok::train {

/// It stays where it was made: optimizer, averages and executors refer to its graph and state.
struct Learner {
  Learner(graph::Graph network, engine::State weights) : graph(std::move(network)), state(std::move(weights)) {}
  /// With new weights (`engine::initialise`).
  Learner(graph::Graph network, std::uint64_t seed)
      : graph(std::move(network)), state(engine::initialise(graph, seed)) {}
  Learner(const Learner&) = delete;
  Learner& operator=(const Learner&) = delete;

  graph::Graph graph;
  engine::State state;
  std::unique_ptr<Optimizer> optimizer;  ///< null until it is set; needed to train
  std::vector<std::unique_ptr<Average>> averages;
  std::optional<LossScaler> scaler;
  std::optional<Plateau> plateau;

  /// After an update of the weights.
  void average(std::int64_t step = 1);  ///< the `step`-th of the run
  void end_epoch(std::int64_t epoch);   ///< the `epoch`-th, before it is evaluated
  /// The weights to evaluate and to release: the first average where there is one.
  const engine::State& best_weights() const { return averages.empty() ? state : averages.front()->state(); }
  engine::State& best_weights() { return averages.empty() ? state : averages.front()->state(); }

  /// `state_dict`, `optimizer`, and `averages`, `scaler` and `plateau` where there are any. No copy. `lr`: of the next
  /// step.
  tensors::Dict save(double lr) const;
  /// The reverse, of a checkpoint's root. Throws Error naming `where` with what does not fit.
  void load(const tensors::Dict& root, const tensors::StateDict& dict, const std::string& where);
  /// Parts of it alone.
  void load_weights(const tensors::StateDict& dict, const std::string& where);
  void load_averages(const tensors::Dict& root, const std::string& where);
};

}  // namespace springbok::train
