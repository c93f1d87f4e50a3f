// Weights for a network of the zoo that cost nothing.
#include "tests/weights/helpers.h"

namespace springbok::weights {

tensors::StateDict weights_of(const graph::Graph& graph, bool tracked) {
  tensors::StateDict dict;
  for (const graph::Param& param : graph.params()) {
    if (tracked || !param.integer) dict.emplace_back(param.name, tensors::thin(param.shape));
  }
  return dict;
}

}  // namespace springbok::weights
