// The graph's bookkeeping: appending, and how messages name a node.
#include "springbok/graph/graph.h"

#include <algorithm>
#include <numeric>

#include "springbok/base/error.h"
#include "springbok/graph/op_params.h"

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

NodeId Graph::append(Node node) {
  const auto id = static_cast<NodeId>(nodes_.size());
  check(std::all_of(node.inputs.begin(), node.inputs.end(), [&](NodeId in) { return in >= 0 && in < id; }),
        "a node reads a value that does not exist yet");
  nodes_.push_back(std::move(node));
  return id;
}

void Graph::order_params(const std::vector<ParamId>& order) {
  check(order.size() == params_.size(), "an order of other parameters");
  std::vector<Param> ordered;
  std::vector<ParamId> to(params_.size());
  for (const ParamId id : order) {
    to[static_cast<std::size_t>(id)] = static_cast<ParamId>(ordered.size());
    ordered.push_back(std::move(params_[static_cast<std::size_t>(id)]));
  }
  params_ = std::move(ordered);
  for (Node& node : nodes_) {
    for_each_param(node.op, [&](ParamId& id) {
      if (id != kNoParam) id = to[static_cast<std::size_t>(id)];
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
  params_.push_back(std::move(param));
  return static_cast<ParamId>(params_.size() - 1);
}

std::string label(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (!node.path.empty()) return node.path;
  for (NodeId before = id - 1; before >= 0; --before) {
    const std::string& path = graph.node(before).path;
    if (!path.empty()) return format("{} after {}", name_of(node.op), path);
  }
  return name_of(node.op);
}

}  // namespace springbok::graph
