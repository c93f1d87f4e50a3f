// Choosing a pass's kernels, node by node, while the first pass of its kind runs.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "springbok/base/indexed.h"
#include "springbok/engine/fuse.h"
#include "springbok/engine/lifetimes.h"
#include "springbok/engine/pass.h"
#include "springbok/engine/state.h"
#include "springbok/engine/steps.h"
#include "springbok/graph/graph.h"

namespace springbok::engine {

/// One pass's choices. To be asked for each node in order, before that node runs.
class Chooser {
 public:
  Chooser(const graph::Graph& graph, const Fusions& fusions, const Lifetimes& lifetimes, const State& state,
          const Pass& pass);

  /// The step at this node, given the values made before it; nothing where the node is left to the end of its group.
  std::optional<Step> choose(graph::NodeId id, const Indexed<at::Tensor>& values);

 private:
  /// Why a group does not run as one; null where it does.
  const char* group_misfit(graph::NodeId end, const Indexed<at::Tensor>& values) const;
  /// Whether the norm's statistics are those of several ranks.
  bool over_ranks(graph::NodeId norm) const;
  bool taken(graph::NodeId end) const { return misfits_[end].has_value() && *misfits_[end] == nullptr; }
  /// Whether the node is left to the end of this group.
  bool left_to(graph::NodeId end, const Indexed<at::Tensor>& values);
  /// Whether this norm reads the memory of a dense block.
  bool reads_block(const graph::Node& norm) const;
  Step of_concat(graph::NodeId id, const Indexed<at::Tensor>& values);
  Step of_conv(graph::NodeId id, const at::Tensor& x) const;
  Step of_norm(graph::NodeId id, const at::Tensor& x) const;
  Step of_elementwise(graph::NodeId id, const Indexed<at::Tensor>& values) const;
  bool one_type(graph::NodeId id, const Indexed<at::Tensor>& values) const;

  const graph::Graph& graph_;
  const Fusions& fusions_;
  const Lifetimes& lifetimes_;
  const State& state_;
  const Pass& pass_;
  Indexed<std::optional<const char*>> misfits_;  ///< by a group's end, once its first node was reached
};

}  // namespace springbok::engine
