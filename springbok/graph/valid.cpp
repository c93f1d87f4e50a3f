// The rules of each op's numbers, and of the values and parameters that a node names.
#include "springbok/graph/valid.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "springbok/base/error.h"
#include "springbok/graph/op_params.h"

namespace springbok::graph {
namespace {

/// Checks one op's own numbers.
struct Valid {
  const Where& where;

  void between(const char* what, std::int64_t value, std::int64_t least, std::int64_t most = kMostSize) const {
    if (value < least || value > most) {
      fail("{}: {}: must be between {} and {}, got {}", where(), what, least, most, value);
    }
  }
  void each(const char* what, const Pair& pair, std::int64_t least) const {
    for (const std::int64_t value : pair) between(what, value, least);
  }
  void share(const char* what, double value) const {
    const bool inside = value >= 0 && value <= 1;
    if (!inside) fail("{}: {}: must be between 0 and 1, got {}", where(), what, value);
  }
  void probability(double p) const {
    const bool inside = p >= 0 && p < 1;
    if (!inside) fail("{}: a dropout probability lies in [0, 1), got {}", where(), p);
  }
  void statistics(std::int64_t channels, double eps) const {
    between("channels", channels, 1);
    const bool above = eps > 0 && std::isfinite(eps);
    if (!above) fail("{}: eps: must be above 0 and finite, got {}", where(), eps);
  }
  void groups(std::int64_t in, std::int64_t out, std::int64_t count) const {
    between("channels in", in, 1);
    if (out < 1 || count < 1 || in % count != 0 || out % count != 0) {
      fail("{}: {} -> {} channels cannot be split into {} groups", where(), in, out, count);
    }
    between("channels out", out, 1);
  }
  template <class Windows>
  void windows(const Windows& op) const {
    each("kernel", op.kernel, 1);
    each("stride", op.stride, 1);
    each("padding", op.padding, 0);
  }
  /// A pooling window holds at least one pixel that is no padding.
  template <class Windows>
  void pooling(const Windows& op) const {
    windows(op);
    for (std::size_t d = 0; d < 2; ++d) between("padding", op.padding[d], 0, op.kernel[d] / 2);
  }

  void operator()(const Input& op) const { between("channels", op.channels, 1); }
  void operator()(const Conv2d& op) const {
    groups(op.in, op.out, op.groups);
    windows(op);
    each("dilation", op.dilation, 1);
  }
  void operator()(const ConvTranspose2d& op) const {
    groups(op.in, op.out, op.groups);
    windows(op);
  }
  void operator()(const Norm& op) const {
    statistics(op.channels, op.eps);
    share("momentum", op.momentum);
  }
  void operator()(const Linear& op) const {
    between("features in", op.in, 1);
    between("features out", op.out, 1);
  }
  void operator()(const Activation& op) const {
    if (!std::isfinite(op.beta)) fail("{}: beta: must be finite, got {}", where(), op.beta);
  }
  void operator()(const Pool2d& op) const { pooling(op); }
  void operator()(const GlobalPool&) const {}
  void operator()(const Flatten&) const {}
  void operator()(const Add&) const {}
  void operator()(const Gate&) const {}
  void operator()(const Concat&) const {}
  void operator()(const PadEven&) const {}
  void operator()(const Upsample& op) const { between("factor", op.factor, 1); }
  void operator()(const CropLike&) const {}
  void operator()(const UpsampleLike&) const {}
  void operator()(const Halve& op) const { between("keep", op.keep, 0); }
  void operator()(const Restore&) const {}
  void operator()(const WholeCells& op) const { between("size", op.size, 1); }
  void operator()(const Trim& op) const { between("amount", op.amount, 0); }
  void operator()(const LogSoftmax&) const {}
  void operator()(const PadChannels& op) const {
    between("channels in", op.in, 1);
    between("channels out", op.out, op.in);
    between("stride", op.stride, 1);
  }
  void operator()(const Dropout& op) const { probability(op.p); }
  void operator()(const AdaptivePool& op) const { each("size", op.size, 1); }
  void operator()(const PadSame& op) const {
    each("kernel", op.kernel, 1);
    each("stride", op.stride, 1);
  }
  void operator()(const SliceChannels& op) const {
    between("first", op.first, 0);
    between("count", op.count, 1);
  }
  void operator()(const ShuffleChannels& op) const { between("groups", op.groups, 1); }
  void operator()(const RadixSoftmax& op) const { between("radix", op.radix, 1); }
  void operator()(const UpsampleNearest& op) const { between("factor", op.factor, 1); }
  void operator()(const EvoNorm& op) const {
    statistics(op.channels, op.eps);
    share("momentum", op.momentum);
  }
  void operator()(const SwitchNorm& op) const {
    statistics(op.channels, op.eps);
    share("momentum", op.momentum);
  }
  void operator()(const InstanceNorm& op) const { statistics(op.channels, op.eps); }
  void operator()(const GroupNorm& op) const {
    statistics(op.channels, op.eps);
    groups(op.channels, op.channels, op.groups);
  }
  void operator()(const PRelu&) const {}
  void operator()(const ChannelScale& op) const { between("channels", op.channels, 1); }
  void operator()(const DropPath& op) const { probability(op.p); }
  void operator()(const DropBlock& op) const {
    share("p", op.p);
    if (op.block < 1) fail("{}: a dropped block has at least one pixel a side, got {}", where(), op.block);
    between("block", op.block, 1);
    if (op.form != DropBlockForm::paper && op.block % 2 == 0) {
      fail("{}: blocks of torch-toolbox's and ModelZoo's DropBlock have an odd side, got {}", where(), op.block);
    }
  }
  void operator()(const LipPool& op) const {
    pooling(op);
    if (!std::isfinite(op.coefficient)) fail("{}: coefficient: must be finite, got {}", where(), op.coefficient);
  }
  void operator()(const DeformConv2d& op) const {
    groups(op.in, op.out, op.groups);
    windows(op);
    each("dilation", op.dilation, 1);
  }
  void operator()(const Lambda& op) const {
    between("heads", op.heads, 1);
    between("depth", op.depth, 1);
    if (op.reach < 1 || op.reach % 2 == 0) fail("{}: a reach is odd, got {}", where(), op.reach);
    between("reach", op.reach, 1);
  }
};

/// How many values an op reads; -1 for one or more.
int inputs_of(const Op& op) {
  return std::visit(
      Overload{[](const Input&) { return 0; }, [](const Concat&) { return -1; }, [](const Add&) { return 2; },
               [](const Gate&) { return 2; }, [](const CropLike&) { return 2; }, [](const UpsampleLike&) { return 2; },
               [](const Restore&) { return 2; }, [](const LipPool&) { return 2; },
               [](const DeformConv2d&) { return 3; }, [](const Lambda&) { return 3; }, [](const auto&) { return 1; }},
      op);
}

/// Whether the op takes (N,C) values too.
bool takes_flat(const Op& op) {
  return std::visit(Overload{[](const Norm&) { return true; }, [](const Linear&) { return true; },
                             [](const Activation&) { return true; }, [](const PRelu&) { return true; },
                             [](const Add&) { return true; }, [](const Concat&) { return true; },
                             [](const LogSoftmax&) { return true; }, [](const Dropout&) { return true; },
                             [](const DropPath&) { return true; }, [](const auto&) { return false; }},
                    op);
}

/// The channels that the op itself says it reads; 0 where it takes any.
std::int64_t channels_read(const Op& op) {
  return std::visit(
      []<class O>(const O& o) -> std::int64_t {
        if constexpr (std::is_same_v<O, Input>) return 0;
        if constexpr (requires { o.in; }) return o.in;
        if constexpr (requires { o.channels; }) return o.channels;
        return 0;
      },
      op);
}

/// A layer's bias may be missing, or a batch norm's weight together with its bias, nothing else.
template <class O>
bool is_optional(const O& op, const ParamId& id) {
  if constexpr (std::is_same_v<O, Norm>) return op.weight == op.bias && (&id == &op.weight || &id == &op.bias);
  if constexpr (requires {
                  op.in;
                  op.bias;
                })
    return &id == &op.bias;
  return false;
}

void expect_params(const Graph& graph, const Op& op, const Where& where) {
  std::visit(
      [&](const auto& o) {
        for_each_param(op, [&](const ParamId& id) {
          if (id == kNoParam && is_optional(o, id)) return;
          if (id < 0 || id >= static_cast<ParamId>(graph.params().size())) {
            fail("{}: names a parameter that its graph does not have", where());
          }
        });
      },
      op);
}

void expect_inputs(const Graph& graph, const Node& node, const Where& where) {
  const int wanted = inputs_of(node.op);
  const bool right = wanted < 0 ? !node.inputs.empty() : std::ssize(node.inputs) == wanted;
  if (!right)
    fail("{}: reads {} values, not {}", where(), wanted < 0 ? "one or more" : format("{}", wanted), node.inputs.size());
  for (const NodeId input : node.inputs) {
    if (input < 0 || input >= static_cast<NodeId>(graph.nodes().size())) {
      fail("{}: reads a value that is not there yet", where());
    }
    const Node& from = graph.node(input);
    if (from.flat && !takes_flat(node.op))
      fail("{}: reads (N,C,H,W), but {} gives (N,C)", where(), label(graph, input));
    if (from.flat != graph.node(node.inputs[0]).flat) {
      fail("{}: cannot join (N,C) and (N,C,H,W): {} and {}", where(), label(graph, node.inputs[0]),
           label(graph, input));
    }
  }
}

}  // namespace

void expect_valid(const Op& op, const Where& where) {
  std::visit(Valid{where}, op);
}

void expect_fits(const Graph& graph, const Node& node) {
  const Where where = [&] { return label_of(graph, node); };
  expect_inputs(graph, node, where);
  expect_valid(node.op, where);
  expect_params(graph, node.op, where);
  const std::int64_t reads = channels_read(node.op);
  const bool known = !node.inputs.empty() && graph.node(node.inputs[0]).channels > 0;
  if (reads > 0 && known && graph.node(node.inputs[0]).channels != reads) {
    fail("{}: expects {} channels, got {}", where(), reads, graph.node(node.inputs[0]).channels);
  }
  const bool starts = std::holds_alternative<Input>(node.op);
  if (starts != graph.nodes().empty()) {
    fail("{}: {}", where(), starts ? "a graph has one input, and this one has it" : "a graph starts with its input");
  }
}

}  // namespace springbok::graph
