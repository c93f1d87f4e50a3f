// The work of a pass as a list: which kernel runs each node or group of nodes, and why that one.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "springbok/graph/graph.h"

namespace springbok::engine {

/// What runs a step. All but `aten` are of this room.
enum class Kernel : std::uint8_t {
  aten,          ///< LibTorch's op
  in_place,      ///< LibTorch's op, over its input's memory
  norm,          ///< a batch norm in training (kernels/norm_relu.h)
  norm_relu,     ///< a batch norm in training, an addition where one follows, and the ReLU behind it
  norm_act,      ///< a batch norm in training and another activation behind it
  upsample_add,  ///< a map doubled, cut and added to another (kernels/upsample_add.h)
  append,        ///< features put behind those of their dense block (kernels/dense_block.h)
  norm_conv,     ///< a batch norm in training over a dense block, the ReLU and the convolution behind it
  conv_weights,  ///< LibTorch's convolution, its weights' gradient by kernels/conv_weights.h
  grouped_conv,  ///< a 3 x 3 convolution of few channels a group (kernels/grouped_conv.h)
  depthwise,     ///< a 3 x 3 or 5 x 5 convolution of one channel a group (kernels/depthwise.h)
  gate,          ///< maps times one factor a channel (kernels/gate.h)
  left_out,      ///< not run
};

std::string name_of(Kernel kernel);

/// One node, or the group of nodes that ends at it.
struct Step {
  graph::NodeId node = -1;
  Kernel kernel = Kernel::aten;
  std::vector<graph::NodeId> covers = {};  ///< earlier nodes that run with it and have no values of their own
  std::vector<graph::NodeId> dies = {};    ///< values that nobody reads after it
  std::string why = {};                    ///< this kernel; and where a fused one exists that was not taken, why not
};

/// In the order of work: every node but the first, as a step or covered by one.
using Steps = std::vector<Step>;

/// A table with a line a node, and a last line that counts.
std::string steps_text(const graph::Graph& graph, const Steps& steps);

/// A list of `layer op kernel covers why`.
nlohmann::ordered_json steps_json(const graph::Graph& graph, const Steps& steps);

}  // namespace springbok::engine
