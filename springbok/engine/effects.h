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

  /// Whether nothing has moved.
  bool empty() const { return values_.empty(); }
  /// The statistics that have moved, by parameter; counts of batches are not among them. They may be changed.
  std::vector<at::Tensor> moved() const;
  /// Puts what has moved into the state's own tensors, and begins anew.
  void apply(State& state);
  /// Forgets what has moved: the step is abandoned.
  void clear() { values_.clear(); }

 private:
  Indexed<at::Tensor> values_;  ///< by parameter; undefined where nothing moved
};

}  // namespace springbok::engine
