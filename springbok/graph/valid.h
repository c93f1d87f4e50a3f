// Inside the room: what an op must say, and what a node must read, before it joins a graph.
#pragma once

#include <functional>
#include <string>

#include "springbok/graph/graph.h"

namespace springbok::graph {

/// The largest number that an op takes.
inline constexpr std::int64_t kMostSize = std::int64_t{1} << 24;

/// How an error names the layer; asked only where there is one.
using Where = std::function<std::string()>;

/// Throws Error for a number that no such layer can have: a stride of 0, groups that do not divide, ...
void expect_valid(const Op& op, const Where& where);

/// Throws Error for a node whose op is not valid, or that does not fit the values and parameters it names.
void expect_fits(const Graph& graph, const Node& node);

}  // namespace springbok::graph
