// The network that a recipe trains: built, with other new values where it asks for them, and with what does not learn.
#pragma once

#include <string>
#include <vector>

#include "springbok/graph/graph.h"
#include "springbok/recipe/recipe.h"

namespace springbok::train {

/// The names of the head's parameters, which learn by a rate of their own (`last_mult`). Of a classifier those that
/// depend on the number of classes; of a program's own network its last linear layer. Of a network that segments all
/// behind the backbone, as Elastic's segment.py has it.
std::vector<std::string> head_of(const recipe::Recipe& recipe, const graph::Graph& graph);

/// Parameters that a pattern names no longer learn: all of a layer (`layer1`, `layer2.0`), or one (`fc.weight`); `*`
/// stands for anything, and `backbone` for all but the head. With `stats` their batch norms keep their statistics.
/// Throws UsageError for a pattern that names nothing, and where nothing is left.
void freeze(graph::Graph& graph, const recipe::GroupSettings& settings, const std::vector<std::string>& head,
            const std::string& model);

/// The zoo's network, or the caller's.
graph::Graph made_network(const recipe::Recipe& recipe, const graph::Graph* own);

}  // namespace springbok::train
