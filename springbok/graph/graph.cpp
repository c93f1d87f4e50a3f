// The graph's bookkeeping: appending, and how messages name a node.
#include "springbok/graph/graph.h"

#include <algorithm>
#include <functional>
#include <iterator>

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

namespace {

/// Calls `change` with every parameter id that an op holds.
template <class F>
void for_each_param(Op& op, F change) {
  std::visit(Overload{
                 [&](Conv2d& o) { change(o.weight), change(o.bias); },
                 [&](ConvTranspose2d& o) { change(o.weight); },
                 [&](Norm& o) { change(o.weight), change(o.bias), change(o.mean), change(o.var), change(o.tracked); },
                 [&](Linear& o) { change(o.weight), change(o.bias); },
                 [&](EvoNorm& o) { change(o.weight), change(o.bias), change(o.v), change(o.var); },
                 [](auto& o) {
                   static_assert(
                       !requires { o.weight; }, "an op with parameters needs a line above");
                 },
             },
             op);
}

}  // namespace

void Graph::move_params_last(const std::string& prefix) {
  std::vector<Param> kept, moved;
  std::vector<ParamId> to(params_.size());
  const auto belongs = [&](const Param& param) { return param.name.starts_with(prefix); };
  const auto stay = static_cast<ParamId>(std::count_if(params_.begin(), params_.end(), std::not_fn(belongs)));
  for (std::size_t i = 0; i < params_.size(); ++i) {
    const bool last = belongs(params_[i]);
    std::vector<Param>& list = last ? moved : kept;
    to[i] = static_cast<ParamId>(list.size()) + (last ? stay : 0);
    list.push_back(std::move(params_[i]));
  }
  kept.insert(kept.end(), std::make_move_iterator(moved.begin()), std::make_move_iterator(moved.end()));
  params_ = std::move(kept);
  for (Node& node : nodes_) {
    for_each_param(node.op, [&](ParamId& id) {
      if (id != kNoParam) id = to[static_cast<std::size_t>(id)];
    });
  }
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
