// Inside the room: how builders append a node, once the values it reads are known to be of one graph.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "springbok/graph/build.h"

namespace springbok::graph {

/// The graph of all these values, which `where` wants to read.
Graph& graph_of(const std::string& where, std::initializer_list<Value> values);

Value append(Graph& graph, Op op, std::vector<NodeId> inputs, std::int64_t channels, bool flat, std::string path = {});

/// A pure op that keeps its first value's channels and rank.
Value like(Op op, std::initializer_list<Value> values);

}  // namespace springbok::graph
