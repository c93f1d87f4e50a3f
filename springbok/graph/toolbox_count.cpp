// Counting as torch-toolbox does.
#include "springbok/graph/toolbox_count.h"

#include "springbok/graph/cost.h"

namespace springbok::graph {
namespace {

/// (2 in kh kw - 1) and perhaps 1 for the bias, for each pixel of out / groups channels.
std::int64_t flops_of_conv(const Conv2d& op, const Shape& output) {
  const std::int64_t values = output[2] * output[3] * (op.out / op.groups);
  const std::int64_t each = 2 * op.in * op.kernel[0] * op.kernel[1] - 1;
  return values * (op.bias == kNoParam ? each : each + 1);
}

std::int64_t flops(const Op& op, const Shape& output) {
  return std::visit(
      Overload{[&](const Conv2d& c) { return flops_of_conv(c, output); },
               [&](const Linear& l) { return (2 * l.in - 1) * l.out + (l.bias == kNoParam ? 0 : l.out); },
               [&](const Norm& n) { return (n.weight == kNoParam ? 1 : 2) * elements(output); },
               [&](const GroupNorm&) { return 2 * elements(output); }, [](const auto&) { return std::int64_t{0}; }},
      op);
}

}  // namespace

ToolboxCount toolbox_count(const Graph& graph, const Shape& input) {
  const Indexed<Shape> shapes = infer(graph, input);
  ToolboxCount count;
  for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes().size()); ++id) {
    count.flops += flops(graph.node(id).op, shapes[id]);
  }
  for (const Param& param : graph.params()) {
    if (!param.integer) count.params += param.elements();
  }
  return count;
}

}  // namespace springbok::graph
