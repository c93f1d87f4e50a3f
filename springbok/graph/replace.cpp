// Training tricks as rewrites of a finished network.
#include "springbok/graph/replace.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "springbok/graph/rewrite.h"

namespace springbok::graph {
namespace {

bool is_replaceable(Act kind) {
  return kind == Act::relu || kind == Act::relu6 || kind == Act::silu || kind == Act::hardswish;
}

const Activation* replaceable(const Node& node) {
  const auto* activation = std::get_if<Activation>(&node.op);
  return activation != nullptr && is_replaceable(activation->kind) ? activation : nullptr;
}

bool is_norm(const Op& op) {
  return std::holds_alternative<Norm>(op) || std::holds_alternative<SwitchNorm>(op) ||
         std::holds_alternative<EvoNorm>(op) || std::holds_alternative<ChannelScale>(op);
}

NodeId count(const Graph& graph) {
  return static_cast<NodeId>(graph.nodes().size());
}

/// By node: the batch norm over maps of more than one pixel, or nullptr.
Indexed<const Norm*> map_norms(const Graph& graph, const Shape& input) {
  const Indexed<Shape> shapes = infer(graph, input);
  Indexed<const Norm*> norms(shapes.size(), nullptr);
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const bool map = shapes[i].size() == 4 && shapes[i][2] * shapes[i][3] > 1;
    if (map) norms[i] = std::get_if<Norm>(&graph.nodes()[i].op);
  }
  return norms;
}

/// By node: the only node that reads it, or -1.
Indexed<NodeId> only_readers(const Graph& graph) {
  Indexed<NodeId> readers(graph.nodes().size(), -1);
  Indexed<int> counts(graph.nodes().size(), 0);
  for (NodeId id = 0; id < count(graph); ++id) {
    for (const NodeId input : graph.node(id).inputs) {
      readers[input] = ++counts[input] == 1 ? id : -1;
    }
  }
  if (graph.output() >= 0) readers[graph.output()] = -1;
  return readers;
}

}  // namespace

int replace_activations(Graph& graph, Act kind) {
  int changed = 0;
  for (NodeId id = 0; id < count(graph); ++id) {
    if (replaceable(graph.node(id)) == nullptr) continue;
    graph.set_op(id, Activation{kind});
    ++changed;
  }
  return changed;
}

int replace_norms(Graph& graph, NormKind kind) {
  int changed = 0;
  for (NodeId id = 0; id < count(graph); ++id) {
    const auto* norm = std::get_if<Norm>(&graph.node(id).op);
    if (norm == nullptr) continue;
    Norm other = *norm;
    other.kind = kind;
    graph.set_op(id, other);
    if (kind == NormKind::frozen) {
      graph.set_trainable(other.weight, false);
      graph.set_trainable(other.bias, false);
    }
    ++changed;
  }
  return changed;
}

int switch_norms(Graph& graph, const Shape& input) {
  const Indexed<const Norm*> norms = map_norms(graph, input);
  graph = Rewrite::run(graph, [&](Rewrite& to, NodeId id) -> std::optional<Value> {
    const Norm* norm = norms[id];
    if (norm == nullptr) return std::nullopt;
    return switch_norm(to.scope(graph.node(id).path), to.input(id),
                       {.eps = norm->eps, .momentum = norm->momentum, .gamma = graph.param(norm->weight).init});
  });
  return static_cast<int>(std::ssize(norms) - std::count(norms.begin(), norms.end(), nullptr));
}

int evo_norms(Graph& graph, const Shape& input) {
  const Indexed<const Norm*> norms = map_norms(graph, input);
  const Indexed<NodeId> readers = only_readers(graph);
  const auto activates = [&](NodeId id) {
    const NodeId reader = readers[id];
    return norms[id] != nullptr && reader >= 0 && replaceable(graph.node(reader)) != nullptr;
  };
  graph = Rewrite::run(graph, [&](Rewrite& to, NodeId id) -> std::optional<Value> {
    const Node& node = graph.node(id);
    if (replaceable(node) != nullptr && activates(node.inputs[0])) return to.input(id);
    const Norm* norm = norms[id];
    if (norm == nullptr) return std::nullopt;
    const Scope scope = to.scope(node.path);
    if (!activates(id)) return channel_scale(scope, to.input(id), graph.param(norm->weight).init);
    return evo_norm(scope, to.input(id), {.eps = norm->eps, .momentum = norm->momentum});
  });
  return static_cast<int>(std::ssize(norms) - std::count(norms.begin(), norms.end(), nullptr));
}

int plain_norms(Graph& graph) {
  int changed = 0;
  graph = Rewrite::run(graph, [&](Rewrite& to, NodeId id) -> std::optional<Value> {
    const auto* evo = std::get_if<EvoNorm>(&graph.node(id).op);
    if (evo == nullptr) return std::nullopt;
    ++changed;
    return relu(norm(to.scope(graph.node(id).path), to.input(id), {.eps = evo->eps, .momentum = evo->momentum}));
  });
  return changed;
}

int add_drop_path(Graph& graph, double p) {
  std::map<std::string, int> numbers;  // of the blocks; octaves end twice
  for (const Node& node : graph.nodes()) {
    if (!node.block.empty()) numbers.emplace(node.block, static_cast<int>(numbers.size()) + 1);
  }
  graph = Rewrite::run(graph, [&](Rewrite& to, NodeId id) -> std::optional<Value> {
    const Node& node = graph.node(id);
    if (node.block.empty()) return std::nullopt;
    const double share = static_cast<double>(numbers.at(node.block)) / static_cast<double>(numbers.size());
    const Value branch = drop_path(to.scope(node.block) / "drop_path", to.input(id, 0), p * share);
    return to.copy(id, {branch.id, to.input(id, 1).id});
  });
  return static_cast<int>(numbers.size());
}

int add_drop_block(Graph& graph, const Shape& input, double p, std::int64_t block) {
  const Indexed<Shape> shapes = infer(graph, input);
  std::map<std::string, std::int64_t> heights;  // by residual block, of its output
  std::set<std::int64_t> levels;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const Node& node = graph.nodes()[i];
    if (node.block.empty()) continue;
    heights.emplace(node.block, shapes[i][2]);
    levels.insert(shapes[i][2]);
  }
  const auto rate = [&](const std::string& path) {
    for (std::size_t dot = path.rfind('.'); dot != std::string::npos && dot > 0; dot = path.rfind('.', dot - 1)) {
      const auto found = heights.find(path.substr(0, dot));
      if (found == heights.end()) continue;
      const auto level = std::distance(levels.begin(), levels.find(found->second));  // the smallest maps first
      return level == 0 ? p : level == 1 ? p / 4 : 0;
    }
    return 0.0;
  };
  int changed = 0;
  graph = Rewrite::run(graph, [&](Rewrite& to, NodeId id) -> std::optional<Value> {
    const Node& node = graph.node(id);
    if (!is_norm(node.op) || rate(node.path) == 0) return std::nullopt;
    ++changed;
    return drop_block(to.scope(node.path) / "drop_block", to.copy(id), rate(node.path), block);
  });
  return changed;
}

int replace_max_pools(Graph& graph) {
  int changed = 0;
  graph = Rewrite::run(graph, [&](Rewrite& to, NodeId id) -> std::optional<Value> {
    const auto* pool = std::get_if<Pool2d>(&graph.node(id).op);
    if (pool == nullptr || pool->kind != PoolKind::max || pool->stride == Pair{1, 1} || pool->ceil) return std::nullopt;
    const Scope logit = to.scope("lip") / changed++ / "logit";
    const Value x = to.input(id);
    const Value raw = conv(logit / "conv", x, {.out = x.channels(), .kernel = 3, .init = Init::zeros});
    const Value gate = activation(instance_norm(logit / "bn", raw), Act::sigmoid);
    return lip_pool(x, gate, {.kernel = pool->kernel, .stride = pool->stride, .padding = pool->padding});
  });
  return changed;
}

int replace_convs(Graph& graph, const Shape& input) {
  const Indexed<Shape> shapes = infer(graph, input);
  int changed = 0;
  graph = Rewrite::run(graph, [&](Rewrite& to, NodeId id) -> std::optional<Value> {
    const auto* c = std::get_if<Conv2d>(&graph.node(id).op);
    if (c == nullptr || c->kernel != Pair{3, 3} || c->in == c->groups) return std::nullopt;
    if (shapes[id][2] * 8 > input[2]) return std::nullopt;
    ++changed;
    constexpr std::int64_t kTaps = 9;
    ConvOptions options{.out = 3 * kTaps,
                        .kernel = 3,
                        .stride = c->stride[0],
                        .padding = c->padding[0],
                        .dilation = c->dilation[0],
                        .bias = true,
                        .init = Init::zeros};
    const Scope scope = to.scope(graph.node(id).path);
    const Value x = to.input(id);
    const Value raw = conv(scope / "conv_offset", x, options);
    options.out = c->out;
    options.groups = c->groups;
    options.bias = c->bias != kNoParam;
    options.init = graph.param(c->weight).init;
    options.init_scale = graph.param(c->weight).scale;
    const Value mask = activation(slice_channels(raw, 2 * kTaps, kTaps), Act::sigmoid);
    return deform_conv(scope, x, slice_channels(raw, 0, 2 * kTaps), mask, options);
  });
  return changed;
}

}  // namespace springbok::graph
