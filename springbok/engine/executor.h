// Runs a graph on ATen under autograd: one flat pass over its steps, keeping no tensor past its last use.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <mutex>
#include <vector>

#include "springbok/engine/fuse.h"
#include "springbok/engine/lifetimes.h"
#include "springbok/engine/pass.h"
#include "springbok/engine/state.h"
#include "springbok/engine/steps.h"
#include "springbok/graph/graph.h"

namespace springbok::engine {

/// The order of work for one graph: which values die where, which ops may overwrite their input, which nodes run as
/// one. What depends on a pass (training, type, layout, shape) is decided in the first pass of its kind and kept.
class Executor {
 public:
  explicit Executor(const graph::Graph& graph);      ///< the graph must outlive it and have an output
  explicit Executor(const graph::Graph&&) = delete;  ///< a temporary would not outlive it

  /// (N,C,H,W) -> the graph's output. Under autograd the result carries the gradients of `state`, which stays as it is;
  /// running statistics go to the pass's effects. N may be 0: an empty share has an output without rows, gradients of
  /// zero and no effects. Throws Error naming the layer when the input does not fit in shape or type. Throws it, too,
  /// for a state of another graph, for what LibTorch refuses, and in a process forked after the first pass, unless it
  /// computes with one thread.
  at::Tensor forward(const State& state, const at::Tensor& input, const Pass& pass) const;

  /// The steps of such a pass. Runs it, without gradients and effects, where it is the first of its kind.
  Steps steps(const State& state, const at::Tensor& input, const Pass& pass) const;

  /// Whether this node overwrites its first input where it runs alone (for tests).
  bool in_place(graph::NodeId id) const { return lifetimes_.keeps[id] == nullptr; }

 private:
  /// What decides about the steps, as numbers: the kind of the pass, and types, layouts and sizes.
  using Kind = std::vector<std::int64_t>;
  Kind kind_of(const State& state, const at::Tensor& input, const Pass& pass) const;
  const Steps* find(const Kind& kind) const;
  void keep(Kind kind, Steps steps) const;
  at::Tensor run(const State& state, const at::Tensor& input, const Pass& pass, Steps* wanted) const;
  at::Tensor result(const Indexed<at::Tensor>& values, const at::Tensor& input, const Pass& pass) const;
  at::Tensor run_again(const State& state, const at::Tensor& input, const Pass& pass) const;

  const graph::Graph& graph_;
  Fusions fusions_;
  Lifetimes lifetimes_;
  mutable std::mutex mutex_;
  mutable std::map<Kind, Steps> kept_;  ///< never removed, so that passes under way may read them
};

}  // namespace springbok::engine
