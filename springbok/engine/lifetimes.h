// When each value of a graph is read last, and which nodes may overwrite their input.
#pragma once

#include <vector>

#include "springbok/base/indexed.h"
#include "springbok/engine/fuse.h"
#include "springbok/graph/graph.h"

namespace springbok::engine {

struct Lifetimes {
  Indexed<std::vector<graph::NodeId>> dies;  ///< by node: the values whose last reader is this node
  /// By node: why it may not overwrite its first input; null where it may, "" for an op that never does.
  Indexed<const char*> keeps;
};

/// A value that a group reads dies at the group's end, whether or not the group then runs as one.
Lifetimes find_lifetimes(const graph::Graph& graph, const Fusions& fusions);

}  // namespace springbok::engine
