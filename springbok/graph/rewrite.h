// A graph made from another, node by node: what is not replaced is copied, and parameters keep their places.
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "springbok/graph/build.h"

namespace springbok::graph {

class Rewrite;

/// Builds what stands for an old node, with the ordinary builders on the new graph's values, and returns its value;
/// nothing to have the node copied.
using Replace = std::function<std::optional<Value>(Rewrite&, NodeId)>;

/// The new graph while it is made. Parameters that a replacement declares stand where the replaced node's stood, or
/// behind those of the nodes before it.
class Rewrite {
 public:
  /// The whole walk.
  static Graph run(const Graph& from, const Replace& replace);

  /// The new value of an old node that the walk has passed.
  Value value(NodeId old) { return {&to_, values_[old]}; }
  /// The new value of an old node's i-th input.
  Value input(NodeId old, std::size_t i = 0) { return value(from_.node(old).inputs[i]); }
  /// The new graph's scope of that path.
  Scope scope(const std::string& path) { return {&to_, path}; }
  /// Copies the node, with its parameters, onto the new values of its inputs, its i-th input replaced where given.
  Value copy(NodeId old);
  Value copy(NodeId old, std::vector<NodeId> inputs);

 private:
  using Place = std::pair<ParamId, std::size_t>;  ///< an old parameter, and a number behind it

  explicit Rewrite(const Graph& from);
  void step(NodeId id, const Replace& replace);
  void copy_unowned();
  ParamId copy_param(ParamId old);
  Graph finish();

  const Graph& from_;
  Graph to_;
  Indexed<NodeId> values_;
  Indexed<ParamId> params_;  ///< by old parameter: the new one, kNoParam where none
  Indexed<Place> places_;    ///< by new parameter
  ParamId last_ = kNoParam;  ///< the latest old parameter that a node of the walk owns
};

}  // namespace springbok::graph
