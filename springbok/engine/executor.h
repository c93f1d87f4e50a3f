// Runs a graph on ATen under autograd: one flat pass over the nodes, keeping no tensor past its last use.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "springbok/engine/fuse.h"
#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"

namespace springbok::engine {

/// What one pass needs to know beside its input: whether it trains, and the names of its random streams.
struct Pass {
  bool train = false;  ///< batch statistics, running statistics move, dropout acts
  std::uint64_t seed = 0;
  std::int64_t step = 0;          ///< optimizer step
  std::int64_t first_sample = 0;  ///< index of the batch's first sample within the step (accumulation, ranks)
  /// Called with each node's value as it is made, to look for the first one that is not finite. Values may later be
  /// overwritten in place: look at once.
  std::function<void(graph::NodeId, const at::Tensor&)> observe = {};
};

/// The order of work for one graph, made once: which values die where, which ops may overwrite their input, and which
/// run as one where their input allows (see engine/norm_relu.h).
class Executor {
 public:
  explicit Executor(const graph::Graph& graph);      ///< the graph must outlive it and have an output
  explicit Executor(const graph::Graph&&) = delete;  ///< a temporary would not outlive it

  /// (N,C,H,W) -> the graph's output. Under autograd the result carries the gradients of `state`. Throws Error naming
  /// the layer when the input does not fit in shape or type, for a state of another graph, for what LibTorch refuses,
  /// and in a process forked after the first pass, unless it computes with one thread.
  at::Tensor forward(State& state, const at::Tensor& input, const Pass& pass) const;

  /// Whether this node overwrites its first input (for tests).
  bool in_place(graph::NodeId id) const { return in_place_[id] != 0; }

 private:
  bool left_to_group(graph::NodeId id, const Indexed<at::Tensor>& values, const Pass& pass) const;

  const graph::Graph& graph_;
  Indexed<std::vector<graph::NodeId>> dies_;  ///< values whose last reader is this node
  Indexed<char> in_place_;
  Fusions fusions_;
};

}  // namespace springbok::engine
