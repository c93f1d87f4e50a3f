// Counting what a network costs, node by node.
#include "springbok/graph/cost.h"

namespace springbok::graph {
std::int64_t elements(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return count;
}

namespace {

std::int64_t owned(const Graph& graph, std::initializer_list<ParamId> ids) {
  std::int64_t count = 0;
  for (const ParamId id : ids) {
    if (id != kNoParam && graph.param(id).trainable) count += graph.param(id).elements();
  }
  return count;
}

/// Fills params, macs and elastic_flops of one layer; `in` and `out` are the element counts of its first input and its
/// output.
struct Count {
  const Graph& graph;
  LayerCost& layer;
  std::int64_t in;
  std::int64_t out;

  void operator()(const Conv2d& op) const {
    layer.params = owned(graph, {op.weight, op.bias});
    layer.macs = out * op.in / op.groups * op.kernel[0] * op.kernel[1];
    layer.elastic_flops = layer.macs + (op.bias == kNoParam ? 0 : out);
  }
  void operator()(const ConvTranspose2d& op) const {
    layer.params = owned(graph, {op.weight});
    layer.macs = in * op.out / op.groups * op.kernel[0] * op.kernel[1];
  }
  void operator()(const Linear& op) const {
    layer.params = owned(graph, {op.weight, op.bias});
    layer.macs = out * op.in;
    layer.elastic_flops = layer.macs;
  }
  void operator()(const Norm& op) const {
    layer.params = owned(graph, {op.weight, op.bias});
    const bool flat = graph.node(layer.node).flat;  // BatchNorm1d, which Elastic's counter does not see
    if (!flat) layer.elastic_flops = (op.weight == kNoParam ? 1 : 2) * out;
  }
  void operator()(const Activation& op) const {
    const bool seen =
        op.kind == Act::relu || op.kind == Act::relu6 || op.kind == Act::elu || op.kind == Act::leaky_relu;
    if (seen) layer.elastic_flops = out;
  }
  void operator()(const PRelu& op) const {
    layer.params = owned(graph, {op.weight});
    layer.elastic_flops = out;
  }
  void operator()(const GroupNorm& op) const { layer.params = owned(graph, {op.weight, op.bias}); }
  void operator()(const Upsample&) const { layer.elastic_flops = 8 * out; }
  void operator()(const Input&) const {}
  void operator()(const Pool2d&) const { layer.elastic_flops = in; }
  void operator()(const GlobalPool&) const {}
  void operator()(const Flatten&) const {}
  void operator()(const Add&) const {}
  void operator()(const Gate&) const {}
  void operator()(const Concat&) const {}
  void operator()(const PadEven&) const {}
  void operator()(const CropLike&) const {}
  void operator()(const UpsampleLike&) const {}
  void operator()(const Halve&) const { layer.elastic_flops = out < in ? in : 0; }
  void operator()(const Restore&) const {}
  void operator()(const WholeCells&) const {}
  void operator()(const Trim&) const {}
  void operator()(const LogSoftmax&) const {}
  void operator()(const PadChannels&) const {}
  void operator()(const Dropout&) const {}
  void operator()(const AdaptivePool&) const {}
  void operator()(const PadSame&) const {}
  void operator()(const SliceChannels&) const {}
  void operator()(const ShuffleChannels&) const {}
  void operator()(const RadixSoftmax&) const {}
  void operator()(const UpsampleNearest&) const {}
  void operator()(const EvoNorm& op) const { layer.params = owned(graph, {op.weight, op.bias, op.v}); }
  void operator()(const SwitchNorm& op) const {
    layer.params = owned(graph, {op.weight, op.bias, op.mean_weight, op.var_weight});
  }
  void operator()(const InstanceNorm& op) const { layer.params = owned(graph, {op.weight, op.bias}); }
  void operator()(const ChannelScale& op) const { layer.params = owned(graph, {op.weight, op.bias}); }
  void operator()(const DropPath&) const {}
  void operator()(const DropBlock&) const {}
  void operator()(const LipPool&) const {}
  void operator()(const DeformConv2d& op) const {
    layer.params = owned(graph, {op.weight, op.bias});
    layer.macs = out * op.in / op.groups * op.kernel[0] * op.kernel[1];
  }
  /// For each of the out / heads values: the content's summary, the positions', and each head's product.
  void operator()(const Lambda& op) const {
    layer.params = owned(graph, {op.weight, op.bias});
    layer.macs = out / op.heads * op.depth * (1 + op.reach * op.reach + op.heads);
  }
};

/// Whether an op's output can take its input's place, so that it needs no memory of its own.
bool needs_no_memory(const Op& op) {
  return std::holds_alternative<Activation>(op) || std::holds_alternative<Flatten>(op) ||
         std::holds_alternative<CropLike>(op) || std::holds_alternative<WholeCells>(op) ||
         std::holds_alternative<Trim>(op) || std::holds_alternative<SliceChannels>(op);
}

}  // namespace

Cost cost(const Graph& graph, std::int64_t height, std::int64_t width) {
  const std::int64_t channels = std::get<Input>(graph.node(0).op).channels;
  const Indexed<Shape> shapes = infer(graph, {1, channels, height, width});
  Cost total;
  for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes().size()); ++id) {
    const Shape& shape = shapes[id];
    LayerCost layer{.node = id, .output = shape};
    const std::vector<NodeId>& inputs = graph.node(id).inputs;
    const std::int64_t in = inputs.empty() ? 0 : elements(shapes[inputs[0]]);
    std::visit(Count{graph, layer, in, elements(shape)}, graph.node(id).op);
    if (graph.node(id).counted >= 0) layer.elastic_flops = graph.node(id).counted * in;
    if (!needs_no_memory(graph.node(id).op)) layer.activation_bytes = 4 * elements(shape);
    total.macs += layer.macs;
    total.elastic_flops += layer.elastic_flops;
    total.activation_bytes += layer.activation_bytes;
    total.layers.push_back(std::move(layer));
  }
  total.params = count_params(graph);  // also those that no layer runs
  return total;
}

std::int64_t count_params(const Graph& graph) {
  std::int64_t count = 0;
  for (const Param& param : graph.params()) {
    if (param.trainable) count += param.elements();
  }
  return count;
}

}  // namespace springbok::graph
