// What a network costs: parameters, multiply-accumulates, activation memory; in total and per layer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "springbok/graph/graph.h"

namespace springbok::graph {

/// Values in a map of this shape.
std::int64_t elements(const Shape& shape);

/// One node's share at a given input size, batch 1.
struct LayerCost {
  NodeId node = 0;
  Shape output;
  std::int64_t params = 0;            ///< trainable elements owned by the node
  std::int64_t macs = 0;              ///< multiply-accumulates of convolutions and linear layers
  std::int64_t elastic_flops = 0;     ///< by Elastic's own counter, see docs/rooms/graph.md
  std::int64_t activation_bytes = 0;  ///< of its output in float32; 0 where it can be computed in place
};

struct Cost {
  std::vector<LayerCost> layers;
  std::int64_t params = 0, macs = 0, elastic_flops = 0, activation_bytes = 0;
};

/// Throws as `infer` does.
Cost cost(const Graph& graph, std::int64_t height, std::int64_t width);

/// Trainable elements, without shapes.
std::int64_t count_params(const Graph& graph);

}  // namespace springbok::graph
