// Weights for a network of the zoo that cost nothing.
#pragma once

#include "springbok/graph/graph.h"
#include "tests/tensors/helpers.h"

namespace springbok::weights {

/// Thin tensors under the graph's names; without num_batches_tracked where it is not `tracked`.
tensors::StateDict weights_of(const graph::Graph& graph, bool tracked = true);

}  // namespace springbok::weights
