// Which parameters of a segmentation network are its decoder's.
#pragma once

#include <string>
#include <vector>

#include "springbok/graph/graph.h"

namespace springbok::train {

/// The names of the parameters behind the trunk, in the graph's order, frozen ones too. They are an ASPP's (`aspp.`),
/// or all but `base.` where the trunk is called so. allenai/elastic's --last_mult speeds them up (segment.py). Empty
/// for other networks.
std::vector<std::string> decoder_params(const graph::Graph& graph);

}  // namespace springbok::train
