// What a training pass leaves behind beside gradients: running statistics, kept apart from the state until applied.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "springbok/base/indexed.h"
#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"

namespace springbok::engine {

/// Running statistics as they will be. Several passes may move them in turn, each going on from the one before, as
/// the batches of one step do; the state is as it was until `apply`. Of one thread.
class Effects {
 public:
  /// The value to move: a copy of the state's at its first call, then as it was left.
  const at::Tensor& moving(graph::ParamId id, const State& state);

  /// What has moved, counts too, by parameter: undefined where nothing did.
  const Indexed<at::Tensor>& values() const { return values_; }
  /// Whether nothing has moved.
  bool empty() const { return values_.empty(); }
  /// The running statistics that a rank's own images move, as they will be: also those of a rank without images. They
  /// may be changed. What several ranks move together is not among them, nor are counts.
  std::vector<at::Tensor> statistics(const graph::Graph& graph, const State& state);
  /// Puts what has moved into the state's own tensors, and begins anew.
  void apply(State& state);
  /// Forgets what has moved: the step is abandoned.
  void clear() { values_.clear(); }

 private:
  Indexed<at::Tensor> values_;  ///< by parameter; undefined where nothing moved
};

}  // namespace springbok::engine
