// What the engine would run for a network, for `springbok models summary --steps`.
#pragma once

#include <cstdint>
#include <string>

#include "springbok/graph/graph.h"

namespace springbok::cli {

/// Which kernel each node gets, in training and in evaluation, for 2 images of `size` x `size`: tables or JSON. Runs
/// both passes once, on zeros.
std::string model_steps(const graph::Graph& graph, std::int64_t size, bool json);

}  // namespace springbok::cli
