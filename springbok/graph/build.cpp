// Builders: append an op with its parameters; channel counts are checked at once, sizes by `infer`.
#include "springbok/graph/build.h"

#include <cmath>

#include "springbok/base/error.h"

namespace springbok::graph {
namespace {

ParamId param(const Scope& scope, const std::string& leaf, Param param) {
  param.name = (scope / leaf).path;
  return scope.graph->append(std::move(param));
}

Value append(Graph& graph, Op op, std::vector<NodeId> inputs, std::int64_t channels, bool flat, std::string path = {}) {
  return {&graph, graph.append(Node{.op = std::move(op),
                                    .inputs = std::move(inputs),
                                    .path = std::move(path),
                                    .channels = channels,
                                    .flat = flat})};
}

/// A pure op of one input that keeps channels and rank.
Value like(Value x, Op op) {
  return append(*x.graph, std::move(op), {x.id}, x.channels(), x.graph->node(x.id).flat);
}

}  // namespace

Scope Scope::operator/(const std::string& child) const {
  return {graph, path.empty() ? child : path + "." + child};
}

Value input(Graph& graph, std::int64_t channels) {
  return append(graph, Input{channels}, {}, channels, false);
}

namespace {

void expect_groups(const Scope& scope, std::int64_t in, std::int64_t out, std::int64_t groups) {
  if (out < 1 || groups < 1 || in % groups != 0 || out % groups != 0) {
    fail("{}: {} -> {} channels cannot be split into {} groups", scope.path, in, out, groups);
  }
}

/// The convolution, a Conv2d or a DeformConv2d, with its parameters declared.
template <class Conv = Conv2d>
Conv declare_conv(const Scope& scope, std::int64_t in, const ConvOptions& o) {
  expect_groups(scope, in, o.out, o.groups);
  const Pair kernel{o.kernel, o.kernel_width > 0 ? o.kernel_width : o.kernel};
  const auto padding = [&](std::int64_t size) { return o.padding >= 0 ? o.padding : o.dilation * (size - 1) / 2; };
  Conv op{.in = in,
          .out = o.out,
          .kernel = kernel,
          .stride = {o.stride, o.stride},
          .padding = {padding(kernel[0]), padding(kernel[1])},
          .dilation = {o.dilation, o.dilation},
          .groups = o.groups};
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
  return append(*x.graph, declare_conv(scope, x.channels(), o), {x.id}, o.out, false, scope.path);
}

void unused_conv(const Scope& scope, std::int64_t in, const ConvOptions& o) {
  declare_conv(scope, in, o);
}

Value deform_conv(const Scope& scope, Value x, Value offset, Value mask, const ConvOptions& o) {
  const auto op = declare_conv<DeformConv2d>(scope, x.channels(), o);
  return append(*x.graph, op, {x.id, offset.id, mask.id}, o.out, false, scope.path);
}

Value conv_transpose(const Scope& scope, Value x, const ConvTransposeOptions& o) {
  const std::int64_t in = x.channels();
  expect_groups(scope, in, o.out, o.groups);
  ConvTranspose2d op{.in = in,
                     .out = o.out,
                     .kernel = {o.kernel, o.kernel},
                     .stride = {o.stride, o.stride},
                     .padding = {o.padding, o.padding},
                     .groups = o.groups};
  op.weight = param(scope, "weight",
                    {.shape = {in, o.out / o.groups, o.kernel, o.kernel}, .init = o.init, .trainable = o.trainable});
  return append(*x.graph, op, {x.id}, o.out, false, scope.path);
}

Value norm(const Scope& scope, Value x, const NormOptions& o) {
  const std::int64_t channels = x.channels();
  Norm op{.channels = channels, .eps = o.eps, .momentum = o.momentum};
  op.weight = param(scope, "weight", {.shape = {channels}, .init = o.gamma, .decay = false});
  op.bias = param(scope, "bias", {.shape = {channels}, .decay = false});
  op.mean = param(scope, "running_mean", {.shape = {channels}, .buffer = true, .decay = false, .trainable = false});
  op.var = param(scope, "running_var",
                 {.shape = {channels}, .init = Init::ones, .buffer = true, .decay = false, .trainable = false});
  op.tracked =
      param(scope, "num_batches_tracked", {.buffer = true, .integer = true, .decay = false, .trainable = false});
  return append(*x.graph, op, {x.id}, channels, x.graph->node(x.id).flat, scope.path);
}

Value evo_norm(const Scope& scope, Value x, const EvoNormOptions& o) {
  const std::int64_t channels = x.channels();
  const Shape shape{1, channels, 1, 1};
  EvoNorm op{.channels = channels, .eps = o.eps, .momentum = o.momentum};
  op.weight = param(scope, "weight", {.shape = shape, .init = Init::ones, .decay = false});
  op.bias = param(scope, "bias", {.shape = shape, .decay = false});
  op.v = param(scope, "v", {.shape = shape, .init = Init::ones, .decay = false});
  op.var = param(scope, "running_var",
                 {.shape = shape, .init = Init::ones, .buffer = true, .decay = false, .trainable = false});
  return append(*x.graph, op, {x.id}, channels, false, scope.path);
}

Value switch_norm(const Scope& scope, Value x, const NormOptions& o) {
  const Shape shape{x.channels()};
  SwitchNorm op{.channels = x.channels(), .eps = o.eps, .momentum = o.momentum};
  op.weight = param(scope, "weight", {.shape = shape, .init = o.gamma, .decay = false});
  op.bias = param(scope, "bias", {.shape = shape, .decay = false});
  op.mean_weight = param(scope, "mean_weight", {.shape = {3}, .init = Init::ones, .decay = false});
  op.var_weight = param(scope, "var_weight", {.shape = {3}, .init = Init::ones, .decay = false});
  op.mean = param(scope, "running_mean", {.shape = shape, .buffer = true, .decay = false, .trainable = false});
  op.var = param(scope, "running_var",
                 {.shape = shape, .init = Init::ones, .buffer = true, .decay = false, .trainable = false});
  return append(*x.graph, op, {x.id}, x.channels(), false, scope.path);
}

Value instance_norm(const Scope& scope, Value x) {
  InstanceNorm op{.channels = x.channels()};
  op.weight = param(scope, "weight", {.shape = {op.channels}, .init = Init::ones, .decay = false});
  op.bias = param(scope, "bias", {.shape = {op.channels}, .decay = false});
  return append(*x.graph, op, {x.id}, x.channels(), false, scope.path);
}

Value channel_scale(const Scope& scope, Value x, Init weight) {
  const Shape shape{1, x.channels(), 1, 1};
  ChannelScale op{.channels = x.channels()};
  op.weight = param(scope, "weight", {.shape = shape, .init = weight, .decay = false});
  op.bias = param(scope, "bias", {.shape = shape, .decay = false});
  return append(*x.graph, op, {x.id}, x.channels(), false, scope.path);
}

Value lambda(const Scope& scope, Value query, Value key, Value value, const LambdaOptions& o) {
  Lambda op{.heads = o.heads, .depth = key.channels(), .reach = o.reach};
  if (o.reach < 1 || o.reach % 2 == 0) fail("{}: a reach is odd, got {}", scope.path, o.reach);
  const double scale = 1 / static_cast<double>(o.reach);  // PyTorch's default, 1 / sqrt(fan in)
  const Scope s = scope / "pos_conv";
  op.weight = param(s, "weight", {.shape = {op.depth, 1, 1, o.reach, o.reach}, .init = Init::uniform, .scale = scale});
  op.bias = param(s, "bias", {.shape = {op.depth}, .init = Init::uniform, .scale = scale, .decay = false});
  return append(*query.graph, op, {query.id, key.id, value.id}, o.heads * value.channels(), false, scope.path);
}

Value linear(const Scope& scope, Value x, const LinearOptions& o) {
  const Node& node = x.graph->node(x.id);
  if (!node.flat || node.channels < 1) fail("{}: a linear layer reads a flat value of known width", scope.path);
  Linear op{.in = node.channels, .out = o.out};
  const double scale = o.init == Init::uniform_fan_in ? 1 / std::sqrt(static_cast<double>(op.in)) : o.init_scale;
  op.weight = param(scope, "weight", {.shape = {o.out, op.in}, .init = o.init, .scale = scale});
  if (o.bias) {
    const bool torch_default = o.init == Init::uniform_fan_in;
    op.bias = param(scope, "bias",
                    {.shape = {o.out}, .init = torch_default ? o.init : Init::zeros, .scale = scale, .decay = false});
  }
  return append(*x.graph, op, {x.id}, o.out, true, scope.path);
}

namespace {

/// An op that drops in training, or `x` itself where it drops nothing.
Value noise(const Scope& scope, Value x, double p, Op op) {
  if (p < 0 || p >= 1) fail("{}: a dropout probability lies in [0, 1), got {}", scope.path, p);
  if (p == 0) return x;
  return append(*x.graph, std::move(op), {x.id}, x.channels(), x.graph->node(x.id).flat, scope.path);
}

}  // namespace

Value dropout(const Scope& scope, Value x, double p) {
  return noise(scope, x, p, Dropout{p});
}
Value drop_path(const Scope& scope, Value x, double p) {
  return noise(scope, x, p, DropPath{p});
}
Value drop_block(const Scope& scope, Value x, double p, std::int64_t block) {
  if (block < 1) fail("{}: a dropped block has at least one pixel a side, got {}", scope.path, block);
  return noise(scope, x, p, DropBlock{.p = p, .block = block});
}

Value activation(Value x, Act kind) {
  return like(x, Activation{kind});
}

namespace {

Value pool(Value x, PoolKind kind, const PoolOptions& o) {
  return like(x, Pool2d{.kind = kind,
                        .kernel = {o.kernel, o.kernel},
                        .stride = {o.stride, o.stride},
                        .padding = {o.padding, o.padding},
                        .ceil = o.ceil,
                        .count_include_pad = o.count_include_pad});
}

}  // namespace

Value max_pool(Value x, const PoolOptions& options) {
  return pool(x, PoolKind::max, options);
}
Value avg_pool(Value x, const PoolOptions& options) {
  return pool(x, PoolKind::average, options);
}
Value lip_pool(Value x, Value importance, const LipPool& options) {
  return append(*x.graph, options, {x.id, importance.id}, x.channels(), false);
}
Value global_pool(Value x) {
  return like(x, GlobalPool{});
}

Value adaptive_pool(Value x, std::int64_t size) {
  return like(x, AdaptivePool{.size = {size, size}});
}

namespace {

/// Pixels of a value where the graph alone tells: behind a pool to a fixed size, through what keeps the size. Else 0.
std::int64_t pixels(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (std::holds_alternative<GlobalPool>(node.op)) return 1;
  if (const auto* pool = std::get_if<AdaptivePool>(&node.op)) return pool->size[0] * pool->size[1];
  const auto* conv = std::get_if<Conv2d>(&node.op);
  const bool pointwise = conv != nullptr && conv->kernel == Pair{1, 1} && conv->stride == Pair{1, 1};
  const bool keeps = pointwise || std::holds_alternative<Activation>(node.op) ||
                     std::holds_alternative<Norm>(node.op) || std::holds_alternative<Dropout>(node.op);
  return keeps ? pixels(graph, node.inputs[0]) : 0;
}

}  // namespace

Value flatten(Value x) {
  return append(*x.graph, Flatten{}, {x.id}, x.channels() * pixels(*x.graph, x.id), true);
}

Value add(Value a, Value b) {
  if (a.channels() != b.channels()) {
    fail("{}: cannot add {} and {} channels", label(*a.graph, b.id), a.channels(), b.channels());
  }
  return append(*a.graph, Add{}, {a.id, b.id}, a.channels(), a.graph->node(a.id).flat);
}

Value residual(const Scope& block, Value branch, Value shortcut) {
  const Value sum = add(branch, shortcut);
  sum.graph->mark_residual(sum.id, block.path);
  return sum;
}

Value gate(Value x, Value gate) {
  if (x.channels() != gate.channels()) {
    fail("{}: a gate of {} channels for {}", label(*x.graph, gate.id), gate.channels(), x.channels());
  }
  return append(*x.graph, Gate{}, {x.id, gate.id}, x.channels(), false);
}

Value concat(const std::vector<Value>& values) {
  check(!values.empty(), "concat of nothing");
  std::vector<NodeId> inputs;
  std::int64_t channels = 0;
  for (const Value& value : values) {
    inputs.push_back(value.id);
    channels += value.channels();
  }
  return append(*values[0].graph, Concat{}, std::move(inputs), channels, values[0].graph->node(values[0].id).flat);
}

Value pad_even(Value x) {
  return like(x, PadEven{});
}
Value upsample(Value x, std::int64_t factor) {
  return like(x, Upsample{factor});
}

Value crop_like(Value x, Value reference) {
  return append(*x.graph, CropLike{}, {x.id, reference.id}, x.channels(), false);
}

Value upsample_like(Value x, Value reference) {
  return append(*x.graph, UpsampleLike{}, {x.id, reference.id}, x.channels(), false);
}
Value halve(Value x, std::int64_t keep) {
  return like(x, Halve{keep});
}
Value restore(Value x, Value reference) {
  return append(*x.graph, Restore{}, {x.id, reference.id}, x.channels(), false);
}
Value whole_cells(Value x, std::int64_t size) {
  return like(x, WholeCells{size});
}
Value trim(Value x, std::int64_t amount) {
  return like(x, Trim{amount});
}
Value log_softmax(Value x) {
  return like(x, LogSoftmax{});
}

Value pad_channels(Value x, std::int64_t out, std::int64_t stride) {
  return append(*x.graph, PadChannels{.stride = stride, .in = x.channels(), .out = out}, {x.id}, out, false);
}

Value pad_same(Value x, std::int64_t kernel, std::int64_t stride) {
  return like(x, PadSame{.kernel = {kernel, kernel}, .stride = {stride, stride}});
}

Value slice_channels(Value x, std::int64_t first, std::int64_t count) {
  if (first < 0 || count < 1 || first + count > x.channels()) {
    fail("{}: no channels {} to {} in {}", label(*x.graph, x.id), first, first + count - 1, x.channels());
  }
  return append(*x.graph, SliceChannels{.first = first, .count = count}, {x.id}, count, false);
}

namespace {

void expect_divisible(Value x, std::int64_t parts) {
  if (parts < 1 || x.channels() % parts != 0) {
    fail("{}: {} channels do not split into {} equal parts", label(*x.graph, x.id), x.channels(), parts);
  }
}

}  // namespace

Value shuffle_channels(Value x, std::int64_t groups) {
  expect_divisible(x, groups);
  return like(x, ShuffleChannels{groups});
}
Value radix_softmax(Value x, std::int64_t radix) {
  expect_divisible(x, radix);
  return like(x, RadixSoftmax{radix});
}
Value upsample_nearest(Value x, std::int64_t factor) {
  return like(x, UpsampleNearest{factor});
}

Value effect_only(Value x) {
  x.graph->mark_effect_only(x.id);
  return x;
}

Value counted(Value x, int per_element) {
  x.graph->set_counted(x.id, per_element);
  return x;
}

void keys_last(const Scope& scope) {
  scope.graph->move_params_last(scope.path + ".");
}

void output(Value x) {
  x.graph->set_output(x.id);
}

}  // namespace springbok::graph
