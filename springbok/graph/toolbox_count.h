// Counting as torch-toolbox's `summary` does, whose numbers stand in ModelZoo's tables.
#pragma once

#include "springbok/graph/graph.h"

namespace springbok::graph {

/// Of torch-toolbox, tools/summary.py. `params` counts running means and variances beside the parameters. `flops`
/// counts multiplications and additions of one image's convolutions and linear layers. Of a convolution in groups it
/// counts the subtracted one and the bias for one group only. Norms count 1 or, with a weight, 2 an element of the
/// whole batch; all else counts nothing. `half` is the published "Total flops(M)".
struct ToolboxCount {
  std::int64_t params = 0, flops = 0;
  std::int64_t half() const { return flops / 2; }
};

/// Of a network on (N,C,H,W). Throws as `infer` does.
ToolboxCount toolbox_count(const Graph& graph, const Shape& input);

}  // namespace springbok::graph
