// Builders of layers: append an op with its parameters; channel counts are checked at once, sizes by `infer`.
#include "springbok/graph/build.h"

#include <algorithm>
#include <cmath>

#include "springbok/base/error.h"
#include "springbok/graph/append.h"
#include "springbok/graph/valid.h"

namespace springbok::graph {
namespace {

ParamId param(const Scope& scope, const std::string& leaf, Param param) {
  param.name = scope.path.empty() ? leaf : scope.path + "." + leaf;
  return scope.graph->append(std::move(param));
}

/// The graph of a scope and of all the values that its layer reads.
Graph& graph_at(const Scope& scope, std::initializer_list<Value> values) {
  Graph& graph = graph_of(scope.path, values);
  if (scope.graph != &graph) fail("{}: its scope is of another graph than the values it reads", scope.path);
  return graph;
}

/// Before the parameters are declared, so that a layer that cannot be leaves none behind.
void expect_valid_at(const Scope& scope, const Op& op) {
  expect_valid(op, [&] { return scope.path; });
}

}  // namespace

Scope Scope::operator/(const std::string& child) const {
  if (child.empty()) fail("{}: a module inside it needs a name", path.empty() ? "the network" : path);
  return {graph, path.empty() ? child : path + "." + child};
}

Value input(Graph& graph, std::int64_t channels) {
  return append(graph, Input{channels}, {}, channels, false);
}

namespace {

/// The convolution, a Conv2d or a DeformConv2d, with its parameters declared.
template <class Conv = Conv2d>
Conv declare_conv(const Scope& scope, std::int64_t in, const ConvOptions& o) {
  const Pair kernel{o.kernel, o.kernel_width == 0 ? o.kernel : o.kernel_width};
  const auto padding = [&](std::int64_t size) {
    if (o.padding != -1) return o.padding;
    const bool valid = o.dilation <= kMostSize && size <= kMostSize;  // else refused below
    return valid ? std::max<std::int64_t>(0, o.dilation * (size - 1) / 2) : 0;
  };
  Conv op{.in = in,
          .out = o.out,
          .kernel = kernel,
          .stride = {o.stride, o.stride},
          .padding = {padding(kernel[0]), padding(kernel[1])},
          .dilation = {o.dilation, o.dilation},
          .groups = o.groups};
  expect_valid_at(scope, op);
  const std::int64_t in_group = in / o.groups;
  const auto fan_in = static_cast<double>(in_group * kernel[0] * kernel[1]);
  const double fan_out = static_cast<double>(o.out * kernel[0] * kernel[1]);  // groups are not counted, as in PyTorch
  double scale = o.init_scale;
  if (o.init == Init::kaiming_fan_out) scale = std::sqrt(2.0 / fan_out);
  if (o.init == Init::uniform_fan_in) scale = 1 / std::sqrt(fan_in);
  op.weight =
      param(scope, "weight", {.shape = {o.out, in_group, kernel[0], kernel[1]}, .init = o.init, .scale = scale});
  if (o.bias) {
    const bool torch_default = o.init == Init::uniform_fan_in;
    op.bias = param(scope, "bias",
                    {.shape = {o.out}, .init = torch_default ? o.init : Init::zeros, .scale = scale, .decay = false});
  }
  return op;
}

}  // namespace

Value conv(const Scope& scope, Value x, const ConvOptions& o) {
  Graph& graph = graph_at(scope, {x});
  return append(graph, declare_conv(scope, x.channels(), o), {x.id}, o.out, false, scope.path);
}

void unused_conv(const Scope& scope, std::int64_t in, const ConvOptions& o) {
  if (scope.graph == nullptr) fail("{}: its scope belongs to no graph", scope.path);
  declare_conv(scope, in, o);
}

Value deform_conv(const Scope& scope, Value x, Value offset, Value mask, const ConvOptions& o) {
  Graph& graph = graph_at(scope, {x, offset, mask});
  const auto op = declare_conv<DeformConv2d>(scope, x.channels(), o);
  return append(graph, op, {x.id, offset.id, mask.id}, o.out, false, scope.path);
}

Value conv_transpose(const Scope& scope, Value x, const ConvTransposeOptions& o) {
  Graph& graph = graph_at(scope, {x});
  const std::int64_t in = x.channels();
  ConvTranspose2d op{.in = in,
                     .out = o.out,
                     .kernel = {o.kernel, o.kernel},
                     .stride = {o.stride, o.stride},
                     .padding = {o.padding, o.padding},
                     .groups = o.groups};
  expect_valid_at(scope, op);
  op.weight = param(scope, "weight",
                    {.shape = {in, o.out / o.groups, o.kernel, o.kernel}, .init = o.init, .trainable = o.trainable});
  return append(graph, op, {x.id}, o.out, false, scope.path);
}

Value norm(const Scope& scope, Value x, const NormOptions& o) {
  Graph& graph = graph_at(scope, {x});
  const std::int64_t channels = x.channels();
  Norm op{.channels = channels, .eps = o.eps, .momentum = o.momentum};
  expect_valid_at(scope, op);
  if (o.affine) {
    op.weight = param(scope, "weight", {.shape = {channels}, .init = o.gamma, .decay = false});
    op.bias = param(scope, "bias", {.shape = {channels}, .decay = false});
  }
  op.mean = param(scope, "running_mean", {.shape = {channels}, .buffer = true, .decay = false, .trainable = false});
  op.var = param(scope, "running_var",
                 {.shape = {channels}, .init = Init::ones, .buffer = true, .decay = false, .trainable = false});
  op.tracked =
      param(scope, "num_batches_tracked", {.buffer = true, .integer = true, .decay = false, .trainable = false});
  return append(graph, op, {x.id}, channels, graph.node(x.id).flat, scope.path);
}

Value evo_norm(const Scope& scope, Value x, const EvoNormOptions& o) {
  Graph& graph = graph_at(scope, {x});
  const std::int64_t channels = x.channels();
  const Shape shape{1, channels, 1, 1};
  EvoNorm op{.channels = channels, .eps = o.eps, .momentum = o.momentum};
  expect_valid_at(scope, op);
  op.weight = param(scope, "weight", {.shape = shape, .init = Init::ones, .decay = false});
  op.bias = param(scope, "bias", {.shape = shape, .decay = false});
  op.v = param(scope, "v", {.shape = shape, .init = Init::ones, .decay = false});
  op.var = param(scope, "running_var",
                 {.shape = shape, .init = Init::ones, .buffer = true, .decay = false, .trainable = false});
  return append(graph, op, {x.id}, channels, false, scope.path);
}

Value switch_norm(const Scope& scope, Value x, const NormOptions& o, SwitchForm form) {
  Graph& graph = graph_at(scope, {x});
  const Shape shape{x.channels()};
  SwitchNorm op{.channels = x.channels(), .eps = o.eps, .momentum = o.momentum, .form = form};
  expect_valid_at(scope, op);
  op.weight = param(scope, "weight", {.shape = shape, .init = o.gamma, .decay = false});
  op.bias = param(scope, "bias", {.shape = shape, .decay = false});
  op.mean_weight = param(scope, "mean_weight", {.shape = {3}, .init = Init::ones, .decay = false});
  op.var_weight = param(scope, "var_weight", {.shape = {3}, .init = Init::ones, .decay = false});
  op.mean = param(scope, "running_mean", {.shape = shape, .buffer = true, .decay = false, .trainable = false});
  op.var = param(scope, "running_var",
                 {.shape = shape, .init = Init::ones, .buffer = true, .decay = false, .trainable = false});
  return append(graph, op, {x.id}, x.channels(), false, scope.path);
}

Value instance_norm(const Scope& scope, Value x) {
  Graph& graph = graph_at(scope, {x});
  InstanceNorm op{.channels = x.channels()};
  expect_valid_at(scope, op);
  op.weight = param(scope, "weight", {.shape = {op.channels}, .init = Init::ones, .decay = false});
  op.bias = param(scope, "bias", {.shape = {op.channels}, .decay = false});
  return append(graph, op, {x.id}, x.channels(), false, scope.path);
}

Value group_norm(const Scope& scope, Value x, std::int64_t groups, const NormOptions& o) {
  Graph& graph = graph_at(scope, {x});
  GroupNorm op{.channels = x.channels(), .groups = groups, .eps = o.eps};
  expect_valid_at(scope, op);
  op.weight = param(scope, "weight", {.shape = {op.channels}, .init = o.gamma, .decay = false});
  op.bias = param(scope, "bias", {.shape = {op.channels}, .decay = false});
  return append(graph, op, {x.id}, x.channels(), false, scope.path);
}

Value prelu(const Scope& scope, Value x) {
  constexpr double kStart = 0.25;
  Graph& graph = graph_at(scope, {x});
  PRelu op;
  op.weight = param(scope, "weight", {.shape = {1}, .init = Init::constant, .scale = kStart, .decay = false});
  return append(graph, op, {x.id}, x.channels(), graph.node(x.id).flat, scope.path);
}

Value channel_scale(const Scope& scope, Value x, Init weight) {
  Graph& graph = graph_at(scope, {x});
  const Shape shape{1, x.channels(), 1, 1};
  ChannelScale op{.channels = x.channels()};
  op.weight = param(scope, "weight", {.shape = shape, .init = weight, .decay = false});
  op.bias = param(scope, "bias", {.shape = shape, .decay = false});
  return append(graph, op, {x.id}, x.channels(), false, scope.path);
}

Value lambda(const Scope& scope, Value query, Value key, Value value, const LambdaOptions& o) {
  Graph& graph = graph_at(scope, {query, key, value});
  Lambda op{.heads = o.heads, .depth = key.channels(), .reach = o.reach};
  expect_valid_at(scope, op);
  if (query.channels() != o.heads * op.depth) {
    fail("{}: {} query and {} key channels for {} heads", scope.path, query.channels(), op.depth, o.heads);
  }
  const double scale = 1 / static_cast<double>(o.reach);  // PyTorch's default, 1 / sqrt(fan in)
  const Scope s = scope / "pos_conv";
  op.weight = param(s, "weight", {.shape = {op.depth, 1, 1, o.reach, o.reach}, .init = Init::uniform, .scale = scale});
  op.bias = param(s, "bias", {.shape = {op.depth}, .init = Init::uniform, .scale = scale, .decay = false});
  return append(graph, op, {query.id, key.id, value.id}, o.heads * value.channels(), false, scope.path);
}

Value linear(const Scope& scope, Value x, const LinearOptions& o) {
  Graph& graph = graph_at(scope, {x});
  if (!graph.node(x.id).flat || x.channels() < 1) {
    fail("{}: a linear layer reads a flat value of known width", scope.path);
  }
  Linear op{.in = x.channels(), .out = o.out};
  expect_valid_at(scope, op);
  const double scale = o.init == Init::uniform_fan_in ? 1 / std::sqrt(static_cast<double>(op.in)) : o.init_scale;
  op.weight = param(scope, "weight", {.shape = {o.out, op.in}, .init = o.init, .scale = scale});
  if (o.bias) {
    const bool torch_default = o.init == Init::uniform_fan_in;
    op.bias = param(scope, "bias",
                    {.shape = {o.out}, .init = torch_default ? o.init : Init::zeros, .scale = scale, .decay = false});
  }
  return append(graph, op, {x.id}, o.out, true, scope.path);
}

namespace {

/// An op that drops in training, or `x` itself where it drops nothing.
Value noise(const Scope& scope, Value x, double p, Op op) {
  Graph& graph = graph_at(scope, {x});
  expect_valid_at(scope, op);
  if (p == 0) return x;
  return append(graph, std::move(op), {x.id}, x.channels(), graph.node(x.id).flat, scope.path);
}

}  // namespace

Value dropout(const Scope& scope, Value x, double p) {
  return noise(scope, x, p, Dropout{p});
}
Value drop_path(const Scope& scope, Value x, double p) {
  return noise(scope, x, p, DropPath{p});
}
Value drop_block(const Scope& scope, Value x, const DropBlock& options) {
  return noise(scope, x, options.p, options);
}

}  // namespace springbok::graph
