// Which nodes run as one.
#include "springbok/engine/fuse.h"

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
  explicit Finder(const Graph& graph) : graph_(graph), readers_(graph.nodes().size(), 0) {
    for (const Node& node : graph.nodes()) {
      for (const NodeId input : node.inputs) ++readers_[input];
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

 private:
  /// Read once, so by the group alone.
  bool is_own(NodeId id) const { return readers_[id] == 1 && id != graph_.output() && !graph_.node(id).effect_only; }
  bool is_own_norm(NodeId id) const {
    const auto* norm = std::get_if<Norm>(&graph_.node(id).op);
    return is_own(id) && norm != nullptr && norm->kind != NormKind::frozen && norm->weight != kNoParam;
  }

  const Graph& graph_;
  Indexed<int> readers_;
};

}  // namespace

Fusions find_fusions(const Graph& graph) {
  const Finder finder(graph);
  Fusions fusions{.at_act = {}, .at_add = {}, .runs_at = Indexed<NodeId>(graph.nodes().size())};
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
  return fusions;
}

}  // namespace springbok::engine
