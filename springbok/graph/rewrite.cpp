// A graph made from another, node by node.
#include "springbok/graph/rewrite.h"

#include <algorithm>
#include <numeric>

#include "springbok/base/error.h"
#include "springbok/graph/op_params.h"

namespace springbok::graph {

Rewrite::Rewrite(const Graph& from) : from_(from), params_(from.params().size(), kNoParam) {
  values_.reserve(from.nodes().size());
}

ParamId Rewrite::copy_param(ParamId old) {
  if (old == kNoParam) return kNoParam;
  ParamId& made = params_[old];
  if (made != kNoParam) return made;
  made = to_.append(Param(from_.param(old)));
  places_.resize(static_cast<std::size_t>(made), {last_, places_.size()});
  places_.emplace_back(old, 0);
  return made;
}

Value Rewrite::copy(NodeId old) {
  std::vector<NodeId> inputs;
  for (const NodeId input : from_.node(old).inputs) inputs.push_back(values_[input]);
  return copy(old, std::move(inputs));
}

Value Rewrite::copy(NodeId old, std::vector<NodeId> inputs) {
  Node node = from_.node(old);
  node.inputs = std::move(inputs);
  for_each_param(node.op, [&](ParamId& id) { id = copy_param(id); });
  return {&to_, to_.append(std::move(node))};
}

void Rewrite::step(NodeId id, const Replace& replace) {
  for_each_param(from_.node(id).op, [&](const ParamId& old) { last_ = std::max(last_, old); });
  const std::optional<Value> replaced = replace(*this, id);
  const Value value = replaced ? *replaced : copy(id);
  check(value.graph == &to_, "a replacement lies in another graph");
  if (from_.node(id).effect_only) to_.mark_effect_only(value.id);
  values_.push_back(value.id);
  while (places_.size() < to_.params().size()) places_.emplace_back(last_, places_.size() + 1);
}

/// Parameters of layers that are never run.
void Rewrite::copy_unowned() {
  Indexed<bool> owned(from_.params().size(), false);
  for (const Node& node : from_.nodes()) {
    for_each_param(node.op, [&](const ParamId& id) {
      if (id != kNoParam) owned[id] = true;
    });
  }
  for (ParamId id = 0; id < static_cast<ParamId>(owned.size()); ++id) {
    if (!owned[id]) copy_param(id);
  }
}

Graph Rewrite::finish() {
  copy_unowned();
  std::vector<ParamId> order(to_.params().size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](ParamId a, ParamId b) { return places_[a] < places_[b]; });
  to_.order_params(order);
  to_.set_output(values_[from_.output()]);
  if (from_.auxiliary() >= 0) to_.set_auxiliary(values_[from_.auxiliary()]);
  return std::move(to_);
}

Graph Rewrite::run(const Graph& from, const Replace& replace) {
  Rewrite rewrite(from);
  for (NodeId id = 0; id < static_cast<NodeId>(from.nodes().size()); ++id) rewrite.step(id, replace);
  return rewrite.finish();
}

}  // namespace springbok::graph
