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
  for (const NodeId last : {graph.output(), graph.auxiliary()}) {
    if (last >= 0) readers[last] = -1;
  }
  return readers;
}

/// Whether a residual block with a norm `bn3` is a plain bottleneck: an activation follows the sum, unlike MobileNet's.
/// And its first convolution is of one tensor, not of octaves.
bool is_bottleneck(const Graph& graph, const std::string& block, NodeId reader) {
  const auto begins = [&](const Param& param) { return param.name == block + ".conv1.weight"; };
  const bool activated = reader >= 0 && replaceable(graph.node(reader)) != nullptr;
  return activated && std::any_of(graph.params().begin(), graph.params().end(), begins);
}

}  // namespace

int replace_activations(Graph& graph, const Activation& kind) {
  int changed = 0;
  for (NodeId id = 0; id < count(graph); ++id) {
    if (replaceable(graph.node(id)) == nullptr) continue;
    graph.set_op(id, kind);
    ++changed;
  }
  return changed;
}

int learn_slopes(Graph& graph) {
  int changed = 0;
  graph = Rewrite::run(graph, [&](Rewrite& to, NodeId id) -> std::optional<Value> {
    if (replaceable(graph.node(id)) == nullptr) return std::nullopt;
    return prelu(to.scope("prelu") / changed++, to.input(id));
  });
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
    if (kind == NormKind::frozen && other.weight != kNoParam) {
      graph.set_trainable(other.weight, false);
      graph.set_trainable(other.bias, false);
    }
    ++changed;
  }
  return changed;
}

int switch_norms(Graph& graph, const Shape& input, SwitchForm form) {
  const Indexed<const Norm*> norms = map_norms(graph, input);
  graph = Rewrite::run(graph, [&](Rewrite& to, NodeId id) -> std::optional<Value> {
    const Norm* norm = norms[id];
    if (norm == nullptr) return std::nullopt;
    return switch_norm(to.scope(graph.node(id).path), to.input(id),
                       {.eps = norm->eps, .momentum = norm->momentum, .gamma = graph.param(norm->weight).init}, form);
  });
  return static_cast<int>(std::ssize(norms) - std::count(norms.begin(), norms.end(), nullptr));
}

int group_norms(Graph& graph) {
  constexpr std::int64_t kGroups = 32;
  int changed = 0;
  graph = Rewrite::run(graph, [&](Rewrite& to, NodeId id) -> std::optional<Value> {
    const auto* norm = std::get_if<Norm>(&graph.node(id).op);
    if (norm == nullptr || graph.node(id).flat) return std::nullopt;
    ++changed;
    std::int64_t groups = std::min(kGroups, norm->channels);
    while (norm->channels % groups != 0) --groups;
    return group_norm(to.scope(graph.node(id).path), to.input(id), groups,
                      {.eps = norm->eps, .gamma = graph.param(norm->weight).init});
  });
  return changed;
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

int zero_bottleneck_norms(Graph& graph) {
  int changed = 0;
  const Indexed<NodeId> readers = only_readers(graph);
  const auto count = static_cast<NodeId>(graph.nodes().size());
  for (NodeId id = 0; id < count; ++id) {
    const Node& node = graph.node(id);
    if (node.block.empty()) continue;
    const Node& branch = graph.node(node.inputs[0]);
    const auto* norm = std::get_if<Norm>(&branch.op);
    if (norm == nullptr || branch.path != node.block + ".bn3") continue;
    if (!is_bottleneck(graph, node.block, readers[id])) continue;
    graph.set_init(norm->weight, Init::zeros);
    ++changed;
  }
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

namespace {

/// By residual block's path: how many resolutions its output is above the smallest.
std::map<std::string, std::ptrdiff_t> levels_of_blocks(const Graph& graph, const Shape& input) {
  const Indexed<Shape> shapes = infer(graph, input);
  std::map<std::string, std::int64_t> heights;
  std::set<std::int64_t> distinct;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const Node& node = graph.nodes()[i];
    if (node.block.empty()) continue;
    heights.emplace(node.block, shapes[i][2]);
    distinct.insert(shapes[i][2]);
  }
  std::map<std::string, std::ptrdiff_t> levels;
  for (const auto& [block, height] : heights) levels[block] = std::distance(distinct.begin(), distinct.find(height));
  return levels;
}

/// By node: whether a residual block's sum reads it.
Indexed<bool> ends_of_branches(const Graph& graph) {
  Indexed<bool> ends(graph.nodes().size(), false);
  for (const Node& node : graph.nodes()) {
    if (node.block.empty()) continue;
    for (const NodeId input : node.inputs) ends[input] = true;
  }
  return ends;
}

}  // namespace

int add_drop_block(Graph& graph, const Shape& input, const DropBlock& options) {
  const bool paper = options.form == DropBlockForm::paper;
  const std::map<std::string, std::ptrdiff_t> levels = levels_of_blocks(graph, input);
  const auto rate_at = [&](std::ptrdiff_t level) {
    return level == 0 ? options.p : level > 1 ? 0 : paper ? options.p / 4 : options.p;
  };
  const auto rate_of = [&](const Node& node) {
    if (!node.block.empty() && !paper) return rate_at(levels.at(node.block));
    if (!is_norm(node.op)) return 0.0;
    const std::string& path = node.path;
    for (std::size_t dot = path.rfind('.'); dot != std::string::npos && dot > 0; dot = path.rfind('.', dot - 1)) {
      const auto found = levels.find(path.substr(0, dot));
      if (found != levels.end()) return rate_at(found->second);
    }
    return 0.0;
  };
  const Indexed<bool> ends = ends_of_branches(graph);
  int changed = 0;
  graph = Rewrite::run(graph, [&](Rewrite& to, NodeId id) -> std::optional<Value> {
    const Node& node = graph.node(id);
    DropBlock here = options;
    here.p = rate_of(node);
    if (here.p == 0 || (!paper && ends[id])) return std::nullopt;
    ++changed;
    const std::string& path = node.block.empty() ? node.path : node.block;
    return drop_block(to.scope(path) / "drop_block", to.copy(id), here);
  });
  return changed;
}

namespace {

/// The logits of local importance pooling before their gate, from the pooled map itself.
Value lip_logits(const Scope& s, Value x, std::int64_t width) {
  if (width == 0) {
    const Scope logit = s / "logit";
    return instance_norm(logit / "bn",
                         conv(logit / "conv", x, {.out = x.channels(), .kernel = 3, .init = Init::zeros}));
  }
  const Scope logit = s / "shared" / "logit", post = s / "lip" / "postprocessing";
  Value shared = relu(instance_norm(logit / "bn1", conv(logit / "conv1", x, {.out = width})));
  shared = relu(instance_norm(logit / "bn2", conv(logit / "conv2", shared, {.out = width, .kernel = 3})));
  return instance_norm(post / "bn", conv(post / "conv", shared, {.out = x.channels(), .init = Init::zeros}));
}

}  // namespace

int replace_max_pools(Graph& graph, std::int64_t width) {
  int changed = 0;
  graph = Rewrite::run(graph, [&](Rewrite& to, NodeId id) -> std::optional<Value> {
    const auto* pool = std::get_if<Pool2d>(&graph.node(id).op);
    if (pool == nullptr || pool->kind != PoolKind::max || pool->stride == Pair{1, 1} || pool->ceil) return std::nullopt;
    const Value x = to.input(id);
    const Value gate = activation(lip_logits(to.scope("lip") / changed++, x, width), Act::sigmoid);
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
