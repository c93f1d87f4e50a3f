// Which nodes run as one: a norm and the activation behind it, or an addition and a ReLU; upsampling, cutting and
// adding. And which share one memory: the layers of a dense block.
#pragma once

#include <optional>
#include <vector>

#include "springbok/graph/graph.h"

namespace springbok::engine {

/// Runs at its activation: act(norm(x)), or relu(norm(x) + addend).
struct NormGroup {
  graph::NodeId norm = -1;
  graph::NodeId addend = -1;  ///< -1: none
  graph::NodeId inner = -1;   ///< what the activation reads: the norm or the addition
};

/// Runs at its addition: high + crop_like(upsample(low, 2), high).
struct UpsampleGroup {
  graph::NodeId upsample = -1;
  graph::NodeId cut = -1;
  graph::NodeId low = -1;
  graph::NodeId high = -1;  ///< made before the upsampling
};

/// A concatenation in a dense block: what puts one layer's features behind those before. Its value is read by the next
/// such concatenation and by norms with a ReLU behind them, by nothing else.
struct DenseLink {
  graph::NodeId first = -1;   ///< the block's first concatenation
  std::int64_t channels = 0;  ///< of the whole block
  std::int64_t unit = 0;      ///< the greatest number that divides the channels of each of its maps
};

/// Runs at its convolution: conv(relu(norm(x))), x being a value of a dense block.
struct NormConvGroup {
  graph::NodeId norm = -1;
  graph::NodeId relu = -1;
};

/// The groups of a graph. Values inside one are read by it alone.
struct Fusions {
  Indexed<std::optional<NormGroup>> at_act;       ///< by node: the group that this activation ends
  Indexed<std::optional<UpsampleGroup>> at_add;   ///< by node: the group that this addition ends
  Indexed<std::optional<DenseLink>> at_concat;    ///< by node: the place of this concatenation in a dense block
  Indexed<std::optional<NormConvGroup>> at_conv;  ///< by node: the group that this convolution ends
  Indexed<graph::NodeId> runs_at;                 ///< by node: the node itself, or the end of its smallest group

  /// Where a node runs at the latest: the end of the largest group around it.
  graph::NodeId end(graph::NodeId id) const {
    while (runs_at[id] != id) id = runs_at[id];
    return id;
  }
  /// The dense block that this norm reads; null where it reads none.
  const DenseLink* read_by(const graph::Node& norm) const {
    const auto& link = at_concat[norm.inputs[0]];
    return link ? &*link : nullptr;
  }
};

Fusions find_fusions(const graph::Graph& graph);

}  // namespace springbok::engine
