// The network that optimizers are tested on.
#pragma once

#include "springbok/graph/build.h"

namespace springbok::train {

/// conv (decayed weight), norm (weight and bias exempt).
inline graph::Graph small_graph() {
  graph::Graph graph;
  const graph::Scope root{&graph, ""};
  graph::output(graph::norm(root / "bn", graph::conv(root / "conv", graph::input(graph, 2), {.out = 3})));
  return graph;
}

}  // namespace springbok::train
