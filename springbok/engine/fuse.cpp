// Which nodes run as one.
#include "springbok/engine/fuse.h"

#include <algorithm>
#include <numeric>

namespace springbok::engine {

using namespace graph;

namespace {

/// Whether the kernel of a norm knows this activation.
bool has_kernel(Act kind) {
  return kind == Act::relu || kind == Act::relu6 || kind == Act::sigmoid || kind == Act::silu ||
         kind == Act::hardswish || kind == Act::hardsigmoid;
}

class Finder {
 public:
  explicit Finder(const Graph& graph) : graph_(graph), readers_(graph.nodes().size()) {
    for (NodeId id = 0; id < std::ssize(graph.nodes()); ++id) {
      for (const NodeId input : graph.node(id).inputs) readers_[input].push_back(id);
    }
  }

  std::optional<UpsampleGroup> upsampling_before(NodeId add) const {
    const Node& node = graph_.node(add);
    if (!std::holds_alternative<Add>(node.op)) return std::nullopt;
    for (const auto& [cut, high] : {std::pair(node.inputs[1], node.inputs[0]), {node.inputs[0], node.inputs[1]}}) {
      if (!is_own(cut) || !std::holds_alternative<CropLike>(graph_.node(cut).op)) continue;
      const NodeId doubled = graph_.node(cut).inputs[0];
      const auto* upsample = std::get_if<Upsample>(&graph_.node(doubled).op);
      if (upsample == nullptr || upsample->factor != 2 || !is_own(doubled)) continue;
      if (graph_.node(cut).inputs[1] != high || high > doubled) continue;
      return UpsampleGroup{.upsample = doubled, .cut = cut, .low = graph_.node(doubled).inputs[0], .high = high};
    }
    return std::nullopt;
  }

  std::optional<NormGroup> norm_before(NodeId id) const {
    const auto* activation = std::get_if<Activation>(&graph_.node(id).op);
    if (activation == nullptr || !has_kernel(activation->kind)) return std::nullopt;
    const NodeId inner = graph_.node(id).inputs[0];
    if (is_own_norm(inner)) return NormGroup{.norm = inner, .addend = -1, .inner = inner};
    const Node& node = graph_.node(inner);
    if (activation->kind != Act::relu || !is_own(inner) || !std::holds_alternative<Add>(node.op)) return std::nullopt;
    for (const auto& [norm, addend] : {std::pair(node.inputs[0], node.inputs[1]), {node.inputs[1], node.inputs[0]}}) {
      if (is_own_norm(norm)) return NormGroup{.norm = norm, .addend = addend, .inner = inner};
    }
    return std::nullopt;
  }

  /// Whether this is a concatenation as a DenseLink says.
  bool is_dense(NodeId id) const {
    const Node& node = graph_.node(id);
    if (!std::holds_alternative<Concat>(node.op) || node.inputs.size() != 2 || node.flat) return false;
    if (id == graph_.output() || node.effect_only || node.channels == 0) return false;
    int concats = 0;
    return std::all_of(readers_[id].begin(), readers_[id].end(), [&](NodeId reader) {
      if (is_own_norm(reader)) return is_relu(readers_[reader][0]);
      const Node& next = graph_.node(reader);
      return std::holds_alternative<Concat>(next.op) && next.inputs[0] == id && next.inputs[1] != id && ++concats == 1;
    });
  }

  /// The concatenations of the dense block that begins here, in order; none where none begins.
  std::vector<NodeId> dense_block_at(NodeId id) const {
    std::vector<NodeId> block;
    if (!is_dense(id) || is_dense(graph_.node(id).inputs[0])) return block;
    while (true) {
      block.push_back(id);
      const auto next =
          std::find_if(readers_[id].begin(), readers_[id].end(), [&](NodeId each) { return is_dense(each); });
      if (next == readers_[id].end()) return block;
      id = *next;
    }
  }

  /// The conv(relu(norm(x))) that ends here, whatever x is.
  std::optional<NormConvGroup> norm_relu_before(NodeId id) const {
    const auto* conv = std::get_if<Conv2d>(&graph_.node(id).op);
    if (conv == nullptr || conv->groups != 1 || conv->bias != kNoParam) return std::nullopt;
    const NodeId relu = graph_.node(id).inputs[0];
    if (!is_own(relu) || !is_relu(relu) || !is_own_norm(graph_.node(relu).inputs[0])) return std::nullopt;
    return NormConvGroup{.norm = graph_.node(relu).inputs[0], .relu = relu};
  }

 private:
  bool is_relu(NodeId id) const {
    const auto* activation = std::get_if<Activation>(&graph_.node(id).op);
    return activation != nullptr && activation->kind == Act::relu;
  }
  /// Read once, so by the group alone.
  bool is_own(NodeId id) const {
    return readers_[id].size() == 1 && id != graph_.output() && !graph_.node(id).effect_only;
  }
  bool is_own_norm(NodeId id) const {
    const auto* norm = std::get_if<Norm>(&graph_.node(id).op);
    return is_own(id) && norm != nullptr && norm->kind != NormKind::frozen && norm->weight != kNoParam;
  }

  const Graph& graph_;
  Indexed<std::vector<NodeId>> readers_;
};

void find_dense_blocks(const Graph& graph, const Finder& finder, Fusions& fusions) {
  constexpr std::size_t kLeastLayers = 2;  // what a single concatenation would win is little
  for (NodeId id = 0; id < std::ssize(graph.nodes()); ++id) {
    const std::vector<NodeId> block = finder.dense_block_at(id);
    if (block.size() < kLeastLayers) continue;
    std::int64_t unit = graph.node(graph.node(id).inputs[0]).channels;
    for (const NodeId concat : block) unit = std::gcd(unit, graph.node(graph.node(concat).inputs[1]).channels);
    const std::int64_t channels = graph.node(block.back()).channels;
    for (const NodeId concat : block) fusions.at_concat[concat] = {.first = id, .channels = channels, .unit = unit};
  }
  for (NodeId id = 0; id < std::ssize(graph.nodes()); ++id) {
    const auto group = finder.norm_relu_before(id);
    if (!group || fusions.read_by(graph.node(group->norm)) == nullptr) continue;
    fusions.at_conv[id] = group;
    fusions.runs_at[group->relu] = id;
  }
}

}  // namespace

Fusions find_fusions(const Graph& graph) {
  const Finder finder(graph);
  const std::size_t count = graph.nodes().size();
  Fusions fusions{.at_act = {},
                  .at_add = {},
                  .at_concat = Indexed<std::optional<DenseLink>>(count),
                  .at_conv = Indexed<std::optional<NormConvGroup>>(count),
                  .runs_at = Indexed<NodeId>(count)};
  std::iota(fusions.runs_at.begin(), fusions.runs_at.end(), 0);
  for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes().size()); ++id) {
    fusions.at_add.push_back(finder.upsampling_before(id));
    if (const auto& group = fusions.at_add.back()) {
      fusions.runs_at[group->upsample] = id;
      fusions.runs_at[group->cut] = id;
    }
    fusions.at_act.push_back(finder.norm_before(id));
    if (const auto& group = fusions.at_act.back()) {
      fusions.runs_at[group->norm] = id;
      fusions.runs_at[group->inner] = id;
    }
  }
  find_dense_blocks(graph, finder, fusions);
  return fusions;
}

}  // namespace springbok::engine
