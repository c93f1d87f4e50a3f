// Runs a graph on ATen under autograd: one flat pass over the nodes, keeping no tensor past its last use.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"

namespace springbok::engine {

/// What one pass needs to know beside its input. The names of the random streams (seed, step, path, sample) are in it.
struct Pass {
  bool train = false;           ///< batch statistics, running statistics move, dropout acts
  std::uint64_t seed = 0;
  std::int64_t step = 0;        ///< optimizer step, for dropout's stream
  std::int64_t first_sample = 0;///< global index of the batch's first sample within the step (accumulation, ranks)
};

class Executor {
 public:
  explicit Executor(const graph::Graph& graph);  ///< the graph must outlive it

  /// (N,C,H,W) -> the graph's output. Under an autograd guard the result carries gradients of `state`. Throws Error naming
  /// the layer when the input's shape does not fit.
  at::Tensor forward(State& state, const at::Tensor& input, const Pass& pass) const;

 private:
  struct Step;
  const graph::Graph& graph_;
  std::vector<std::vector<graph::NodeId>> dies_;  ///< values whose last reader is this node
  std::vector<char> in_place_;                    ///< an elementwise op that may overwrite its input
};

}  // namespace springbok::engine
