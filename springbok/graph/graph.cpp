// The graph's bookkeeping: appending, and how messages name a node.
#include "springbok/graph/graph.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "springbok/base/error.h"
#include "springbok/graph/op_params.h"
#include "springbok/graph/valid.h"

namespace springbok::graph {

std::string to_text(const Shape& shape) {
  if (shape.empty()) return "scalar";
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

std::int64_t Param::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return count;
}

namespace {

/// Whether a scope may have one such op only. Two drop paths in one scope are the ends of one block, which drop
/// together.
bool drops_alone(const Op& op) {
  return std::holds_alternative<Dropout>(op) || std::holds_alternative<DropBlock>(op);
}

/// Throws Error for a shape that no tensor has.
void expect_possible(const Param& param) {
  constexpr std::int64_t kMostElements = std::int64_t{1} << 40;
  std::int64_t count = 1;
  for (const std::int64_t size : param.shape) {
    if (size < 1 || size > kMostElements / count) {
      fail("{}: no parameter is {} large; check the layer's channels and kernel", param.name, to_text(param.shape));
    }
    count *= size;
  }
  if (!std::isfinite(param.scale) || param.scale < 0) {
    fail("{}: the scale of its first values is 0 or more, got {}", param.name, param.scale);
  }
  const auto sides = param.shape.size();
  if (param.init == Init::bilinear && (sides != 4 || param.shape[2] != param.shape[3])) {
    fail("{}: only square kernels start as bilinear ones, got {}", param.name, to_text(param.shape));
  }
}

}  // namespace

NodeId Graph::append(Node node) {
  expect_fits(*this, node);
  if (drops_alone(node.op) && !streams_.insert(node.path).second) {
    fail("{}: two layers that drop at random share this scope, and would drop the same; give each its own", node.path);
  }
  nodes_.push_back(std::move(node));
  return static_cast<NodeId>(nodes_.size() - 1);
}

void Graph::set_op(NodeId id, Op op) {
  expect_valid(op, [&] { return label(*this, id); });
  nodes_[id].op = std::move(op);
}

void Graph::set_init(ParamId id, Init init, double scale) {
  Param changed = params_[id];
  changed.init = init;
  changed.scale = scale;
  expect_possible(changed);
  params_[id] = std::move(changed);
}

void Graph::set_output(NodeId id) {
  if (id < 0 || id >= static_cast<NodeId>(nodes_.size())) fail("a graph's output is one of its values");
  if (output_ >= 0) fail("{}: a graph has one output, and {} is it", label(*this, id), label(*this, output_));
  output_ = id;
}

void Graph::set_auxiliary(NodeId id) {
  const bool behind = output_ >= 0 && id > output_ && id < static_cast<NodeId>(nodes_.size());
  if (!behind) fail("a graph's auxiliary output is a value behind its output");
  for (NodeId node = output_ + 1; node <= id; ++node) nodes_[node].effect_only = true;
  auxiliary_ = id;
}

void expect_runnable(const Graph& graph) {
  if (graph.nodes().empty()) fail("the graph is empty; begin with graph::input and end with graph::output");
  if (graph.output() < 0) {
    const auto last = static_cast<NodeId>(graph.nodes().size() - 1);
    fail("the graph has no output (its last layer is {}); end it with graph::output", label(graph, last));
  }
}

void Graph::order_params(const std::vector<ParamId>& order) {
  check(order.size() == params_.size(), "an order of other parameters");
  Indexed<Param> ordered;
  Indexed<ParamId> to(params_.size());
  for (const ParamId id : order) {
    to[id] = static_cast<ParamId>(ordered.size());
    ordered.push_back(std::move(params_[id]));
  }
  params_ = std::move(ordered);
  for (Node& node : nodes_) {
    for_each_param(node.op, [&](ParamId& id) {
      if (id != kNoParam) id = to[id];
    });
  }
}

void Graph::move_params_last(const std::string& prefix) {
  std::vector<ParamId> order(params_.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_partition(order.begin(), order.end(), [&](ParamId id) { return !param(id).name.starts_with(prefix); });
  order_params(order);
}

ParamId Graph::append(Param param) {
  expect_possible(param);
  if (!names_.insert(param.name).second) {
    fail("{}: there is a parameter of this name already; two layers share a scope", param.name);
  }
  params_.push_back(std::move(param));
  return static_cast<ParamId>(params_.size() - 1);
}

namespace {

/// How messages name a node that stands behind the first `before` ones.
std::string label_behind(const Graph& graph, const Node& node, NodeId before) {
  if (!node.path.empty()) return node.path;
  while (--before >= 0) {
    const std::string& path = graph.node(before).path;
    if (!path.empty()) return format("{} after {}", name_of(node.op), path);
  }
  return name_of(node.op);
}

}  // namespace

std::string label(const Graph& graph, NodeId id) {
  return label_behind(graph, graph.node(id), id);
}

std::string label_of(const Graph& graph, const Node& node) {
  return label_behind(graph, node, static_cast<NodeId>(graph.nodes().size()));
}

}  // namespace springbok::graph
