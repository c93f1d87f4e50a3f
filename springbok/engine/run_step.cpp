// One step of a pass: a visit of its node's op.
#include "springbok/engine/run_step.h"

#include <ATen/Functions.h>
#include <c10/util/OptionalArrayRef.h>

#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/engine/autocast.h"
#include "springbok/engine/call.h"
#include "springbok/engine/kernels/conv_weights.h"
#include "springbok/engine/kernels/deform_conv.h"
#include "springbok/engine/kernels/depthwise.h"
#include "springbok/engine/kernels/dropout.h"
#include "springbok/engine/kernels/evo_norm.h"
#include "springbok/engine/kernels/gate.h"
#include "springbok/engine/kernels/grouped_conv.h"
#include "springbok/engine/kernels/lambda.h"
#include "springbok/engine/kernels/norm_relu.h"
#include "springbok/engine/kernels/switch_norm.h"
#include "springbok/engine/kernels/upsample_add.h"
#include "springbok/engine/sync_norm.h"

namespace springbok::engine {

using namespace graph;

namespace {

/// Repeats the last column and row where width or height is odd.
at::Tensor padded_to_even(const at::Tensor& x) {
  const std::int64_t right = x.size(3) % 2;
  const std::int64_t bottom = x.size(2) % 2;
  return right + bottom == 0 ? x : at::replication_pad2d(x, {0, right, 0, bottom});
}

/// The visit. `x(i)` is the node's i-th input.
struct Visit {
  const Running& run;
  const Step& step;
  const Node& node;

  const at::Tensor& x(std::size_t i) const { return run.values[node.inputs[i]]; }
  const at::Tensor& param(ParamId id) const { return run.state.tensors[id]; }
  std::optional<at::Tensor> maybe(ParamId id) const {
    return id == kNoParam ? std::nullopt : std::optional<at::Tensor>(param(id));
  }
  /// A running statistic as this pass moves it.
  const at::Tensor& moving(ParamId id) const { return run.effects.moving(id, run.state); }
  /// Whether batch statistics are taken: in training, and where there is a batch.
  bool batch() const { return run.pass.train && x(0).numel() > 0; }

  at::Tensor operator()(const Input&) const { return x(0); }

  at::Tensor operator()(const Conv2d& op) const {
    const auto typed = [&](const at::Tensor& t) { return run.pass.precision == Precision::fp32 ? t : lowered(t); };
    if (step.kernel == Kernel::norm_conv) return run_norm_conv(op);
    if (step.kernel == Kernel::conv_weights) {
      return conv_with_weights(x(0), param(op.weight), op.stride, op.padding, op.dilation);
    }
    if (step.kernel == Kernel::grouped_conv) return grouped_conv(typed(x(0)), typed(param(op.weight)));
    if (step.kernel == Kernel::depthwise) {
      return depthwise(typed(x(0)), typed(param(op.weight)), op.stride, op.padding);
    }
    return at::conv2d(x(0), param(op.weight), maybe(op.bias), op.stride, op.padding, op.dilation, op.groups);
  }

  at::Tensor run_norm_conv(const Conv2d& op) const {
    const Node& norm = run.graph.node(run.fusions.at_conv[step.node]->norm);
    const auto listed = [](const Pair& pair) { return std::vector<std::int64_t>(pair.begin(), pair.end()); };
    const ConvState conv{param(op.weight), listed(op.stride), listed(op.padding), listed(op.dilation)};
    return norm_conv_first(run.blocks[norm.inputs[0]], run.values[norm.inputs[0]], norm_state(norm), conv);
  }

  at::Tensor operator()(const ConvTranspose2d& op) const {
    constexpr std::int64_t kNoOutputPadding = 0;
    return at::conv_transpose2d(x(0), param(op.weight), {}, op.stride, op.padding, kNoOutputPadding, op.groups);
  }

  at::Tensor operator()(const Norm& op) const {
    if (!run.pass.train || op.kind == NormKind::frozen) return aten_norm(op, false, param(op.mean), param(op.var));
    const bool together = op.kind == NormKind::sync && run.pass.group->size() > 1;
    if (x(0).numel() == x(0).size(1) && !together) {
      fail("{}: one value a channel has no batch statistics; train with a batch of 2 or more, or larger images",
           node.path);
    }
    if (together) return sync_norm(x(0), norm_state(node), *run.pass.group, label(run.graph, step.node));
    if (!batch()) {
      if (run.pass.group->size() > 1) norm_state(node);  // counted on every rank
      return aten_norm(op, true, std::nullopt, std::nullopt);
    }
    if (step.kernel == Kernel::norm) return norm_relu(x(0), std::nullopt, norm_state(node), false);
    count_batch(node);
    return aten_norm(op, true, moving(op.mean), moving(op.var));
  }

  at::Tensor aten_norm(const Norm& op, bool batch, const std::optional<at::Tensor>& mean,
                       const std::optional<at::Tensor>& var) const {
    return at::batch_norm(x(0), maybe(op.weight), maybe(op.bias), mean, var, batch, op.momentum, op.eps, true);
  }

  void count_batch(const Node& norm) const { moving(std::get<Norm>(norm.op).tracked).add_(1); }

  /// The tensors of a norm that takes batch statistics, with the batch counted: also where this rank has no image of
  /// it.
  NormState norm_state(const Node& norm) const {
    count_batch(norm);
    const auto& op = std::get<Norm>(norm.op);
    const auto param_or_none = [&](ParamId id) { return id == kNoParam ? at::Tensor() : param(id); };
    return {param_or_none(op.weight), param_or_none(op.bias), moving(op.mean), moving(op.var), op.momentum, op.eps};
  }

  at::Tensor run_norm_group() const {
    const NormGroup& group = *run.fusions.at_act[step.node];
    const Node& norm = run.graph.node(group.norm);
    std::optional<at::Tensor> addend;
    if (group.addend >= 0) addend = run.values[group.addend];
    const at::Tensor& from = run.values[norm.inputs[0]];
    if (const DensePtr& block = run.blocks[norm.inputs[0]]) return norm_relu_first(block, from, norm_state(norm));
    return norm_relu(from, addend, norm_state(norm), true);
  }

  at::Tensor operator()(const Linear& op) const { return at::linear(x(0), param(op.weight), maybe(op.bias)); }

  at::Tensor operator()(const Activation& op) const {
    if (step.kernel == Kernel::norm_relu) return run_norm_group();
    if (step.kernel == Kernel::norm_act) {
      const Node& norm = run.graph.node(node.inputs[0]);
      return norm_act(run.values[norm.inputs[0]], norm_state(norm), op.kind);
    }
    at::Tensor v = x(0);
    switch (op.kind) {
      case Act::relu:
        return step.kernel == Kernel::in_place ? at::relu_(v) : at::relu(v);
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
      case Act::gelu:
        return at::gelu(v);
      case Act::mish:
        return at::mish(v);
      case Act::elu:
        return at::elu(v);
      case Act::leaky_relu:
        return at::leaky_relu(v);
      case Act::scaled_swish:
        return at::silu(v.mul(op.beta)).div(op.beta);
    }
    check(false, "an activation without a kernel");
    return v;
  }

  at::Tensor operator()(const Pool2d& op) const {
    if (op.kind == PoolKind::max) return at::max_pool2d(x(0), op.kernel, op.stride, op.padding, {1, 1}, op.ceil);
    return at::avg_pool2d(x(0), op.kernel, op.stride, op.padding, op.ceil, op.count_include_pad);
  }

  at::Tensor operator()(const GlobalPool&) const { return map_means(x(0)); }
  at::Tensor operator()(const Flatten&) const { return x(0).flatten(1); }

  at::Tensor operator()(const Add&) const {
    if (step.kernel == Kernel::upsample_add) {
      const UpsampleGroup& group = *run.fusions.at_add[step.node];
      return upsample_add(run.values[group.low], run.values[group.high]);
    }
    at::Tensor first = x(0);
    return step.kernel == Kernel::in_place ? first.add_(x(1)) : at::add(first, x(1));
  }

  at::Tensor operator()(const Gate&) const {
    return step.kernel == Kernel::gate ? engine::gate(x(0), x(1)) : at::mul(x(0), x(1));
  }

  at::Tensor operator()(const Concat&) const {
    if (step.kernel == Kernel::append) {
      const DenseLink& link = *run.fusions.at_concat[step.node];
      run.blocks[step.node] = link.first == step.node ? begin_block(x(0), link.channels) : run.blocks[node.inputs[0]];
      return append(run.blocks[step.node], x(0), x(1));
    }
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

  at::Tensor operator()(const UpsampleLike& op) const {
    return at::upsample_bilinear2d(x(0), {x(1).size(2), x(1).size(3)}, op.aligned);
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

  at::Tensor operator()(const Dropout& op) const {
    return run.pass.train ? dropout(x(0), op.p * run.pass.ramps.dropout, noise_name()) : x(0);
  }
  at::Tensor operator()(const DropPath& op) const {
    if (!run.pass.train) return x(0);
    const double p = op.p * run.pass.ramps.drop_path;
    return drop_path(x(0), p, kept_samples(x(0).size(0), p, noise_name()));
  }
  at::Tensor operator()(const DropBlock& op) const {
    if (!run.pass.train) return x(0);
    const double p = op.p * run.pass.ramps.drop_block;
    return drop_block(x(0), op, block_seeds(x(0), op, p, noise_name()));
  }

  NoiseName noise_name() const {
    const Pass& pass = run.pass;
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
    const std::int64_t each = v.size(1) / op.radix * v.size(2) * v.size(3);
    return at::softmax(v.reshape({v.size(0), op.radix, each}), 1).reshape(v.sizes());
  }

  at::Tensor operator()(const UpsampleNearest& op) const {
    return at::upsample_nearest2d(x(0), {x(0).size(2) * op.factor, x(0).size(3) * op.factor});
  }

  at::Tensor operator()(const EvoNorm& op) const {
    const at::Tensor& var = batch() ? moving(op.var) : param(op.var);
    return engine::evo_norm(op, x(0), {param(op.weight), param(op.bias), param(op.v), var}, batch());
  }

  at::Tensor operator()(const SwitchNorm& op) const {
    const at::Tensor& mean = batch() ? moving(op.mean) : param(op.mean);
    const at::Tensor& var = batch() ? moving(op.var) : param(op.var);
    return engine::switch_norm(
        op, x(0), {param(op.weight), param(op.bias), param(op.mean_weight), param(op.var_weight), mean, var}, batch());
  }

  at::Tensor operator()(const InstanceNorm& op) const {
    constexpr double kNoMomentum = 0;
    if (x(0).numel() == 0) {
      const auto along = [&](ParamId id) { return param(id).view({1, op.channels, 1, 1}); };
      return at::mul(x(0), along(op.weight)).add(along(op.bias));
    }
    return at::instance_norm(x(0), param(op.weight), param(op.bias), {}, {}, true, kNoMomentum, op.eps, false);
  }

  at::Tensor operator()(const GroupNorm& op) const {
    if (x(0).numel() == 0) {
      const auto along = [&](ParamId id) { return param(id).view({1, op.channels, 1, 1}); };
      return at::mul(x(0), along(op.weight)).add(along(op.bias));
    }
    return at::group_norm(x(0), op.groups, param(op.weight), param(op.bias), op.eps, false);
  }

  at::Tensor operator()(const PRelu& op) const { return at::prelu(x(0), param(op.weight)); }

  at::Tensor operator()(const ChannelScale& op) const { return at::mul(x(0), param(op.weight)).add(param(op.bias)); }

  at::Tensor operator()(const LipPool& op) const {
    const auto pooled = [&](const at::Tensor& v) { return at::avg_pool2d(v, op.kernel, op.stride, op.padding); };
    const at::Tensor weight = at::mul(x(1), op.coefficient).exp();
    return at::div(pooled(at::mul(x(0), weight)), pooled(weight));
  }

  at::Tensor operator()(const DeformConv2d& op) const {
    if (run.pass.precision == Precision::fp32) {
      return engine::deform_conv(op, x(0), x(1), x(2), param(op.weight), maybe(op.bias));
    }
    // In float32, as torchvision's under autocast.
    const Autocast off(Precision::fp32, x(0).device().type());
    const auto wide = [&](std::size_t i) { return x(i).to(param(op.weight).scalar_type()); };
    return engine::deform_conv(op, wide(0), wide(1), wide(2), param(op.weight), maybe(op.bias)).to(x(0).scalar_type());
  }

  at::Tensor operator()(const Lambda& op) const {
    return engine::lambda(op, x(0), x(1), x(2), param(op.weight), param(op.bias));
  }
};

}  // namespace

at::Tensor run_step(const Running& running, const Step& step) {
  const Node& node = running.graph.node(step.node);
  try {
    return std::visit(Visit{running, step, node}, node.op);
  } catch (const c10::Error& error) {
    fail_at(label(running.graph, step.node), error);
  }
}

}  // namespace springbok::engine
