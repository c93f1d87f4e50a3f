// Printing a network: a table for people, JSON for programs, a diagram for Graphviz.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "springbok/graph/cost.h"

namespace springbok::graph {

/// Per-layer table (layer, op, output, params, MACs, memory) and totals.
std::string summary(const Graph& graph, const Cost& cost);

/// The same as one object: `layers` and totals.
nlohmann::ordered_json summary_json(const Graph& graph, const Cost& cost);

/// Graphviz source, clustered by module path.
std::string diagram(const Graph& graph, const std::string& title);

}  // namespace springbok::graph
