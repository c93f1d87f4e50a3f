// Which nodes run as one: a norm and the activation behind it, or an addition and a ReLU; upsampling, cutting and
// adding.
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

/// The groups of a graph. Values inside one are read by it alone.
struct Fusions {
  Indexed<std::optional<NormGroup>> at_act;      ///< by node: the group that this activation ends
  Indexed<std::optional<UpsampleGroup>> at_add;  ///< by node: the group that this addition ends
  Indexed<graph::NodeId> runs_at;                ///< by node: the node itself, or the end of its group
};

Fusions find_fusions(const graph::Graph& graph);

}  // namespace springbok::engine
