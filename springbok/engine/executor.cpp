// The executor: one visit per node, on ATen.
#include "springbok/engine/executor.h"

#include <ATen/Functions.h>
#include <c10/util/OptionalArrayRef.h>

#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/engine/call.h"
#include "springbok/engine/forks.h"
#include "springbok/engine/in_place.h"
#include "springbok/engine/kernels/deform_conv.h"
#include "springbok/engine/kernels/dropout.h"
#include "springbok/engine/kernels/evo_norm.h"
#include "springbok/engine/kernels/grouped_conv.h"
#include "springbok/engine/kernels/lambda.h"
#include "springbok/engine/kernels/norm_relu.h"
#include "springbok/engine/kernels/switch_norm.h"
#include "springbok/engine/kernels/upsample_add.h"

namespace springbok::engine {

using namespace graph;

namespace {

/// Repeats the last column and row where width or height is odd.
at::Tensor padded_to_even(const at::Tensor& x) {
  const std::int64_t right = x.size(3) % 2;
  const std::int64_t bottom = x.size(2) % 2;
  return right + bottom == 0 ? x : at::replication_pad2d(x, {0, right, 0, bottom});
}

/// Runs one node. `x(i)` is its i-th input.
struct Run {
  const Graph& graph;
  State& state;
  const Pass& pass;
  const Indexed<at::Tensor>& values;
  const Node& node;
  bool in_place;
  const std::optional<NormGroup>& norm_group;          ///< that this node ends
  const std::optional<UpsampleGroup>& upsample_group;  ///< that this node ends

  const at::Tensor& x(std::size_t i) const { return values[node.inputs[i]]; }
  const at::Tensor& param(ParamId id) const { return state.tensors[id]; }
  std::optional<at::Tensor> maybe(ParamId id) const {
    return id == kNoParam ? std::nullopt : std::optional<at::Tensor>(param(id));
  }

  at::Tensor operator()(const Input&) const { return x(0); }

  at::Tensor operator()(const Conv2d& op) const {
    if (grouped_conv_fits(op, x(0), param(op.weight))) return grouped_conv(x(0), param(op.weight));
    return at::conv2d(x(0), param(op.weight), maybe(op.bias), op.stride, op.padding, op.dilation, op.groups);
  }

  at::Tensor operator()(const ConvTranspose2d& op) const {
    constexpr std::int64_t kNoOutputPadding = 0;
    return at::conv_transpose2d(x(0), param(op.weight), {}, op.stride, op.padding, kNoOutputPadding, op.groups);
  }

  at::Tensor operator()(const Norm& op) const {
    const bool batch = pass.train && op.kind != NormKind::frozen;
    if (batch) {
      if (x(0).numel() == x(0).size(1)) {
        fail("{}: one value a channel has no batch statistics; train with a batch of 2 or more, or larger images",
             node.path);
      }
      param(op.tracked).add_(1);
      if (norm_relu_fits(x(0))) return norm_relu(x(0), std::nullopt, norm_state(op), false);
    }
    return at::batch_norm(x(0), param(op.weight), param(op.bias), param(op.mean), param(op.var), batch, op.momentum,
                          op.eps, true);
  }

  NormState norm_state(const Norm& op) const {
    return {param(op.weight), param(op.bias), param(op.mean), param(op.var), op.momentum, op.eps};
  }

  /// The whole group that ends here, whose other nodes have been left out.
  at::Tensor run_norm_group() const {
    const Node& norm = graph.node(norm_group->norm);
    const auto& op = std::get<Norm>(norm.op);
    param(op.tracked).add_(1);
    std::optional<at::Tensor> addend;
    if (norm_group->addend >= 0) addend = values[norm_group->addend];
    return norm_relu(values[norm.inputs[0]], addend, norm_state(op), true);
  }

  at::Tensor operator()(const Linear& op) const { return at::linear(x(0), param(op.weight), maybe(op.bias)); }

  at::Tensor operator()(const Activation& op) const {
    if (norm_group && !x(0).defined()) return run_norm_group();
    at::Tensor v = x(0);
    switch (op.kind) {
      case Act::relu:
        return in_place ? at::relu_(v) : at::relu(v);
      case Act::relu6:
        return at::hardtanh(v, 0, 6);
      case Act::sigmoid:
        return at::sigmoid(v);
      case Act::silu:
        return at::silu(v);
      case Act::hardswish:
        return at::hardswish(v);
      case Act::hardsigmoid:
        return at::hardsigmoid(v);
    }
    check(false, "an activation without a kernel");
    return v;
  }

  at::Tensor operator()(const Pool2d& op) const {
    if (op.kind == PoolKind::max) return at::max_pool2d(x(0), op.kernel, op.stride, op.padding, {1, 1}, op.ceil);
    return at::avg_pool2d(x(0), op.kernel, op.stride, op.padding, op.ceil, op.count_include_pad);
  }

  at::Tensor operator()(const GlobalPool&) const { return at::adaptive_avg_pool2d(x(0), {1, 1}); }
  at::Tensor operator()(const Flatten&) const { return x(0).flatten(1); }

  at::Tensor operator()(const Add&) const {
    if (upsample_group && !values[upsample_group->cut].defined()) {
      return upsample_add(values[upsample_group->low], values[upsample_group->high]);
    }
    at::Tensor first = x(0);
    return in_place ? first.add_(x(1)) : at::add(first, x(1));
  }

  at::Tensor operator()(const Gate&) const { return at::mul(x(0), x(1)); }

  at::Tensor operator()(const Concat&) const {
    std::vector<at::Tensor> parts;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) parts.push_back(x(i));
    return at::cat(parts, 1);
  }

  at::Tensor operator()(const PadEven&) const { return padded_to_even(x(0)); }

  at::Tensor operator()(const Upsample& op) const {
    return at::upsample_bilinear2d(x(0), {x(0).size(2) * op.factor, x(0).size(3) * op.factor}, false);
  }

  at::Tensor operator()(const CropLike&) const {
    at::Tensor v = x(0);
    for (std::int64_t dim = 2; dim < 4; ++dim) {
      if (v.size(dim) != x(1).size(dim)) v = v.narrow(dim, 0, x(1).size(dim));
    }
    return v;
  }

  at::Tensor operator()(const UpsampleLike&) const {
    return at::upsample_bilinear2d(x(0), {x(1).size(2), x(1).size(3)}, true);
  }

  at::Tensor operator()(const Halve& op) const {
    return x(0).size(2) == op.keep ? x(0) : at::avg_pool2d(padded_to_even(x(0)), {2, 2}, {2, 2});
  }

  at::Tensor operator()(const Restore&) const {
    const std::int64_t height = x(1).size(2);
    const std::int64_t width = x(1).size(3);
    if (x(0).size(2) == height && x(0).size(3) == width) return x(0);
    const at::Tensor v = at::upsample_bilinear2d(x(0), {2 * x(0).size(2), 2 * x(0).size(3)}, false);
    return v.narrow(2, 0, height).narrow(3, 0, width);
  }

  at::Tensor operator()(const WholeCells& op) const {
    at::Tensor v = x(0);
    for (std::int64_t dim = 2; dim < 4; ++dim) {
      if (v.size(dim) > op.size && v.size(dim) % op.size != 0) v = v.narrow(dim, 0, v.size(dim) / op.size * op.size);
    }
    return v;
  }

  at::Tensor operator()(const Trim& op) const {
    return x(0).narrow(2, 0, x(0).size(2) - op.amount).narrow(3, 0, x(0).size(3) - op.amount);
  }

  at::Tensor operator()(const LogSoftmax&) const { return at::log_softmax(x(0), 1); }

  at::Tensor operator()(const PadChannels& op) const {
    const at::Tensor v = x(0).slice(2, 0, std::nullopt, op.stride).slice(3, 0, std::nullopt, op.stride);
    const std::int64_t before = (op.out - op.in) / 2;
    return at::constant_pad_nd(v, {0, 0, 0, 0, before, op.out - op.in - before});
  }

  at::Tensor operator()(const Dropout& op) const { return pass.train ? dropout(x(0), op.p, noise_name()) : x(0); }
  at::Tensor operator()(const DropPath& op) const {
    return pass.train ? drop_path(x(0), op.p, kept_samples(x(0).size(0), op.p, noise_name())) : x(0);
  }
  at::Tensor operator()(const DropBlock& op) const {
    return pass.train ? drop_block(x(0), op.block, block_corners(x(0), op.p, op.block, noise_name())) : x(0);
  }

  NoiseName noise_name() const {
    return {.seed = pass.seed, .step = pass.step, .path = node.path, .first_sample = pass.first_sample};
  }

  at::Tensor operator()(const AdaptivePool& op) const { return at::adaptive_avg_pool2d(x(0), op.size); }

  at::Tensor operator()(const PadSame& op) const {
    const auto missing = [&](std::size_t d) {
      const std::int64_t size = x(0).size(static_cast<std::int64_t>(2 + d));
      return std::max<std::int64_t>(0, ((size - 1) / op.stride[d]) * op.stride[d] + op.kernel[d] - size);
    };
    const std::int64_t rows = missing(0);
    const std::int64_t columns = missing(1);
    return at::constant_pad_nd(x(0), {columns / 2, columns - columns / 2, rows / 2, rows - rows / 2});
  }

  at::Tensor operator()(const SliceChannels& op) const { return x(0).narrow(1, op.first, op.count); }

  at::Tensor operator()(const ShuffleChannels& op) const {
    const at::Tensor& v = x(0);
    const std::int64_t each = v.size(1) / op.groups;
    return v.reshape({v.size(0), op.groups, each, v.size(2), v.size(3)}).transpose(1, 2).reshape(v.sizes());
  }

  at::Tensor operator()(const RadixSoftmax& op) const {
    const at::Tensor& v = x(0);
    return at::softmax(v.reshape({v.size(0), op.radix, -1}), 1).reshape(v.sizes());
  }

  at::Tensor operator()(const UpsampleNearest& op) const {
    return at::upsample_nearest2d(x(0), {x(0).size(2) * op.factor, x(0).size(3) * op.factor});
  }

  at::Tensor operator()(const EvoNorm& op) const {
    return engine::evo_norm(op, x(0), {param(op.weight), param(op.bias), param(op.v), param(op.var)}, pass.train);
  }

  at::Tensor operator()(const SwitchNorm& op) const {
    return engine::switch_norm(
        op, x(0),
        {param(op.weight), param(op.bias), param(op.mean_weight), param(op.var_weight), param(op.mean), param(op.var)},
        pass.train);
  }

  at::Tensor operator()(const InstanceNorm& op) const {
    constexpr double kNoMomentum = 0;
    return at::instance_norm(x(0), param(op.weight), param(op.bias), {}, {}, true, kNoMomentum, op.eps, false);
  }

  at::Tensor operator()(const ChannelScale& op) const { return at::mul(x(0), param(op.weight)).add(param(op.bias)); }

  at::Tensor operator()(const LipPool& op) const {
    const auto pooled = [&](const at::Tensor& v) { return at::avg_pool2d(v, op.kernel, op.stride, op.padding); };
    const at::Tensor weight = at::mul(x(1), op.coefficient).exp();
    return at::div(pooled(at::mul(x(0), weight)), pooled(weight));
  }

  at::Tensor operator()(const DeformConv2d& op) const {
    return engine::deform_conv(op, x(0), x(1), x(2), param(op.weight), maybe(op.bias));
  }

  at::Tensor operator()(const Lambda& op) const {
    return engine::lambda(op, x(0), x(1), x(2), param(op.weight), param(op.bias));
  }
};

bool can_overwrite(const Op& op) {
  if (const auto* activation = std::get_if<Activation>(&op)) return activation->kind == Act::relu;
  return std::holds_alternative<Add>(op);
}

}  // namespace

Executor::Executor(const Graph& graph)
    : graph_(graph), dies_(graph.nodes().size()), in_place_(graph.nodes().size(), 0), fusions_(find_fusions(graph)) {
  expect_runnable(graph);
  const auto count = static_cast<NodeId>(graph.nodes().size());
  Indexed<NodeId> last(graph.nodes().size(), -1);
  Indexed<int> readers(graph.nodes().size(), 0);
  for (NodeId id = 0; id < count; ++id) {
    for (const NodeId input : graph.node(id).inputs) {
      NodeId& latest = last[input];
      latest = std::max(latest, fusions_.runs_at[id]);
      ++readers[input];
    }
  }
  for (NodeId id = 0; id < count; ++id) {
    if (id != graph.output()) dies_[last[id] < 0 ? id : last[id]].push_back(id);
  }
  for (NodeId id = 1; id < count; ++id) {
    const NodeId input = graph.node(id).inputs[0];
    const Saves maker = saves(graph.node(input).op);
    in_place_[id] = can_overwrite(graph.node(id).op) && readers[input] == 1 && input != graph.output() &&
                    !maker.output && !maker.makes_view;
  }
}

/// Whether the node's work is done at the end of its group. Nothing dies at such a node.
bool Executor::left_to_group(NodeId id, const Indexed<at::Tensor>& values, const Pass& pass) const {
  const NodeId end = fusions_.runs_at[id];
  if (end == id || pass.observe) return false;
  const auto value = [&](NodeId of) -> const at::Tensor& { return values[of]; };
  if (const auto& group = fusions_.at_add[end]) {
    if (id == group->cut) return !value(group->upsample).defined();
    return upsample_add_fits(value(group->low), value(group->high));
  }
  if (!pass.train) return false;
  const NormGroup& group = *fusions_.at_relu[end];
  if (id != group.norm) return !value(group.norm).defined();
  return norm_relu_fits(value(graph_.node(id).inputs[0]));
}

at::Tensor Executor::forward(State& state, const at::Tensor& input, const Pass& pass) const {
  expect_compute_threads();
  expect_call(graph_, state, input);
  infer(graph_, input.sizes().vec());
  Indexed<at::Tensor> values(graph_.nodes().size());
  values[0] = input;
  for (NodeId id = 1; id < static_cast<NodeId>(values.size()); ++id) {
    const Node& node = graph_.node(id);
    if (left_to_group(id, values, pass)) continue;
    if (!node.effect_only || pass.train) {
      try {
        values[id] = std::visit(
            Run{graph_, state, pass, values, node, in_place_[id] != 0, fusions_.at_relu[id], fusions_.at_add[id]},
            node.op);
      } catch (const c10::Error& error) {
        fail_at(label(graph_, id), error);
      }
      if (pass.observe) pass.observe(id, values[id]);
    }
    for (const NodeId dead : dies_[id]) values[dead].reset();
  }
  return values[graph_.output()];
}

}  // namespace springbok::engine
