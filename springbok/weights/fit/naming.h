// The key names under which others publish a network of the zoo.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "springbok/graph/graph.h"
#include "springbok/tensors/value.h"

namespace springbok::weights {

struct Naming {
  std::string name;                       ///< whose names: `timm`; "" for the zoo's own
  std::vector<std::string> keys;          ///< one for each of the graph's parameters, in their order
  std::vector<std::string> surplus = {};  ///< beginnings of keys that the network does without: `AuxLogits.`
  std::string caveat = {};                ///< another network that has the same names and shapes; "" mostly
};

/// All that are known for this model: the zoo's own first.
std::vector<Naming> namings(const std::string& model, const graph::Graph& graph);

/// A file's tensors under the zoo's names.
struct Renamed {
  tensors::StateDict dict;                ///< in the file's order, without the surplus
  std::size_t renamed = 0;                ///< how many have another name than in the file
  std::vector<std::string> ignored = {};  ///< the surplus
};

/// Renames what the naming knows; the rest stays as it is. A matrix that the publisher keeps as a kernel of a
/// convolution, or the reverse, gets the graph's shape.
Renamed rename(const graph::Graph& graph, const Naming& naming, const tensors::StateDict& dict);

}  // namespace springbok::weights
