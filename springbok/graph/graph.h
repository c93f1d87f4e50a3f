// The model as a value: a list of nodes that only grows, so that it is its own topological order, and its parameters.
// No tensor, device, dtype or layout lives here.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "springbok/base/indexed.h"
#include "springbok/graph/op.h"

namespace springbok::graph {

using NodeId = std::int32_t;
using Shape = std::vector<std::int64_t>;

std::string to_text(const Shape& shape);  ///< `64x3x7x7`; `scalar` when empty

/// How a parameter is filled before training.
enum class Init : std::uint8_t {
  zeros,
  ones,
  kaiming_fan_out,  ///< normal, std sqrt(2 / (out * kh * kw)): He et al. 2015, as PyTorch's `fan_out` mode counts it
  uniform_fan_in,   ///< uniform in +-1/sqrt(fan_in): PyTorch's default for linear and convolution layers and their
                    ///< biases
  normal,
  uniform,
  constant,      ///< all at `scale`
  trunc_normal,  ///< normal, drawn again where it is beyond +-2
  bilinear,      ///< each kernel the tent that upsamples bilinearly (Long et al. 2015, sec. 3.3); kernels are square
};

/// A parameter or buffer; `name` is its PyTorch state_dict key.
struct Param {
  std::string name = {};
  Shape shape = {};
  Init init = Init::zeros;
  double scale = 1;      ///< resolved: the std of the normal ones (before they are cut), the bound of the uniform ones
  bool buffer = false;   ///< running statistics: saved, not trained
  bool integer = false;  ///< num_batches_tracked
  bool decay = true;     ///< takes weight decay when norms and biases are exempt: matrices and kernels do
  bool trainable = true;

  std::int64_t elements() const;
};

struct Node {
  Op op;
  std::vector<NodeId> inputs = {};
  std::string path = {};      ///< scope path of an op that owns weights or randomness, else ""
  std::int64_t channels = 0;  ///< of its value; 0 where only `infer` knows (a Flatten of more than 1x1)
  bool flat = false;          ///< (N,C) rather than (N,C,H,W)
  bool effect_only = false;   ///< nobody reads its value, but training runs it for its running statistics
  int counted = -1;           ///< FLOPs an input element by Elastic's own counter, where its code shows or hides the op
                              ///< otherwise than elsewhere; -1: as usual
  std::string block = {};  ///< scope path of the residual block that this addition of branch and shortcut ends, else ""
};

class Graph {
 public:
  const Indexed<Node>& nodes() const { return nodes_; }
  const Indexed<Param>& params() const { return params_; }
  const Node& node(NodeId id) const { return nodes_[id]; }
  const Param& param(ParamId id) const { return params_[id]; }
  NodeId output() const { return output_; }
  NodeId auxiliary() const { return auxiliary_; }  ///< of training alone; -1: none

  /// Appends a node and returns its id. Throws Error naming the layer for numbers that it cannot have, and for values
  /// and parameters that are not there. So it does for a dropout in a scope that has one: both would drop the same.
  NodeId append(Node node);
  /// Appends a parameter. Throws Error for a name used twice (two layers in one scope) and for impossible shapes.
  ParamId append(Param param);
  void set_output(NodeId id);  ///< of a node that is there, once
  /// A second output, which training alone computes: it and all that stands behind the output is `effect_only`.
  void set_auxiliary(NodeId id);
  /// Puts the parameters in this order of their present ids. Those that ops hold follow.
  void order_params(const std::vector<ParamId>& order);
  /// Moves the parameters whose names start with `prefix` behind all others: for a module that comes last in the
  /// published key order but is read earlier. Their ids change, those that ops hold with them.
  void move_params_last(const std::string& prefix);
  void set_counted(NodeId id, int per_element) { nodes_[id].counted = per_element; }
  void mark_residual(NodeId id, std::string block) { nodes_[id].block = std::move(block); }
  void set_op(NodeId id, Op op);  ///< of the same inputs; checked as `append` does
  void set_trainable(ParamId id, bool trainable) { params_[id].trainable = trainable; }
  /// How it is filled; checked as `append` does.
  void set_init(ParamId id, Init init, double scale = 1);
  void mark_effect_only(NodeId id) { nodes_[id].effect_only = true; }

 private:
  Indexed<Node> nodes_;
  Indexed<Param> params_;
  NodeId output_ = -1, auxiliary_ = -1;
  std::unordered_set<std::string> names_;    ///< of the parameters
  std::unordered_set<std::string> streams_;  ///< paths of the dropouts
};

/// How messages name a node: its path, else its op and the nearest path before it (`add after layer1.0.bn2`).
std::string label(const Graph& graph, NodeId id);
/// The same of a node that is not in the graph yet.
std::string label_of(const Graph& graph, const Node& node);

/// Throws Error for a graph that cannot run: an empty one, or one without an output.
void expect_runnable(const Graph& graph);

/// The shape of every node's value for (N,C,H,W); N may be 0. Throws Error naming the layer and the sizes that misfit.
Indexed<Shape> infer(const Graph& graph, const Shape& input);

}  // namespace springbok::graph
