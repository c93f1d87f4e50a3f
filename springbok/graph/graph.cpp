// The graph's bookkeeping: appending, and how messages name a node.
#include "springbok/graph/graph.h"

#include <algorithm>

#include "springbok/base/error.h"

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
