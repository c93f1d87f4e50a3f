// Builders of ops without weights, and what marks a value or ends a graph.
#include "springbok/base/error.h"
#include "springbok/graph/append.h"
#include "springbok/graph/valid.h"

namespace springbok::graph {

Graph& graph_of(const std::string& where, std::initializer_list<Value> values) {
  Graph* graph = nullptr;
  for (const Value& value : values) {
    if (value.graph == nullptr || value.id < 0 || value.id >= static_cast<NodeId>(value.graph->nodes().size())) {
      fail("{}: reads a value that no builder made", where);
    }
    if (graph != nullptr && graph != value.graph) fail("{}: reads values of two graphs", where);
    graph = value.graph;
  }
  return *graph;
}

Value append(Graph& graph, Op op, std::vector<NodeId> inputs, std::int64_t channels, bool flat, std::string path) {
  return {&graph, graph.append(Node{.op = std::move(op),
                                    .inputs = std::move(inputs),
                                    .path = std::move(path),
                                    .channels = channels,
                                    .flat = flat})};
}

Value like(Op op, std::initializer_list<Value> values) {
  Graph& graph = graph_of(name_of(op), values);
  std::vector<NodeId> inputs;
  for (const Value& value : values) inputs.push_back(value.id);
  const Value& x = *values.begin();
  return append(graph, std::move(op), std::move(inputs), x.channels(), graph.node(x.id).flat);
}

std::int64_t Value::channels() const {
  return graph_of("channels", {*this}).node(id).channels;
}

Value activation(Value x, const Activation& kind) {
  return like(kind, {x});
}
Value activation(Value x, Act kind) {
  return activation(x, Activation{kind});
}
Value relu(Value x) {
  return activation(x, Act::relu);
}

namespace {

Value pool(Value x, PoolKind kind, const PoolOptions& o) {
  return like(Pool2d{.kind = kind,
                     .kernel = {o.kernel, o.kernel},
                     .stride = {o.stride, o.stride},
                     .padding = {o.padding, o.padding},
                     .ceil = o.ceil,
                     .count_include_pad = o.count_include_pad},
              {x});
}

}  // namespace

Value max_pool(Value x, const PoolOptions& options) {
  return pool(x, PoolKind::max, options);
}
Value avg_pool(Value x, const PoolOptions& options) {
  return pool(x, PoolKind::average, options);
}
Value lip_pool(Value x, Value importance, const LipPool& options) {
  return like(options, {x, importance});
}
Value global_pool(Value x) {
  return like(GlobalPool{}, {x});
}

Value adaptive_pool(Value x, std::int64_t size) {
  return like(AdaptivePool{.size = {size, size}}, {x});
}

namespace {

/// Pixels of a value where the graph alone tells: behind a pool to a fixed size, through what keeps the size. Else 0.
std::int64_t pixels(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (std::holds_alternative<GlobalPool>(node.op)) return 1;
  if (const auto* pool = std::get_if<AdaptivePool>(&node.op)) {
    return pool->size[0] * pool->size[1] <= kMostSize ? pool->size[0] * pool->size[1] : 0;
  }
  const auto* conv = std::get_if<Conv2d>(&node.op);
  const bool pointwise = conv != nullptr && conv->kernel == Pair{1, 1} && conv->stride == Pair{1, 1};
  const bool keeps = pointwise || std::holds_alternative<Activation>(node.op) ||
                     std::holds_alternative<Norm>(node.op) || std::holds_alternative<Dropout>(node.op);
  return keeps ? pixels(graph, node.inputs[0]) : 0;
}

}  // namespace

Value flatten(Value x) {
  Graph& graph = graph_of("flatten", {x});
  return append(graph, Flatten{}, {x.id}, x.channels() * pixels(graph, x.id), true);
}

Value add(Value a, Value b) {
  graph_of("add", {a, b});
  if (a.channels() != b.channels()) {
    fail("{}: cannot add {} and {} channels", label(*a.graph, b.id), a.channels(), b.channels());
  }
  return like(Add{}, {a, b});
}

Value residual(const Scope& block, Value branch, Value shortcut) {
  const Value sum = add(branch, shortcut);
  sum.graph->mark_residual(sum.id, block.path);
  return sum;
}

Value gate(Value x, Value gate) {
  graph_of("gate", {x, gate});
  if (x.channels() != gate.channels()) {
    fail("{}: a gate of {} channels for {}", label(*x.graph, gate.id), gate.channels(), x.channels());
  }
  return like(Gate{}, {x, gate});
}

Value concat(const std::vector<Value>& values) {
  if (values.empty()) fail("concat: joins one value or more");
  std::vector<NodeId> inputs;
  std::int64_t channels = 0;
  for (const Value& value : values) {
    graph_of("concat", {values[0], value});
    inputs.push_back(value.id);
    channels += value.channels();
  }
  return append(*values[0].graph, Concat{}, std::move(inputs), channels, values[0].graph->node(values[0].id).flat);
}

Value pad_even(Value x) {
  return like(PadEven{}, {x});
}
Value upsample(Value x, std::int64_t factor) {
  return like(Upsample{factor}, {x});
}

Value crop_like(Value x, Value reference) {
  return like(CropLike{}, {x, reference});
}

Value upsample_like(Value x, Value reference, bool aligned) {
  return like(UpsampleLike{aligned}, {x, reference});
}
Value halve(Value x, std::int64_t keep) {
  return like(Halve{keep}, {x});
}
Value restore(Value x, Value reference) {
  return like(Restore{}, {x, reference});
}
Value whole_cells(Value x, std::int64_t size) {
  return like(WholeCells{size}, {x});
}
Value trim(Value x, std::int64_t amount) {
  return like(Trim{amount}, {x});
}
Value log_softmax(Value x) {
  return like(LogSoftmax{}, {x});
}

Value pad_channels(Value x, std::int64_t out, std::int64_t stride) {
  Graph& graph = graph_of("pad_channels", {x});
  return append(graph, PadChannels{.stride = stride, .in = x.channels(), .out = out}, {x.id}, out, false);
}

Value pad_same(Value x, std::int64_t kernel, std::int64_t stride) {
  return like(PadSame{.kernel = {kernel, kernel}, .stride = {stride, stride}}, {x});
}

Value slice_channels(Value x, std::int64_t first, std::int64_t count) {
  Graph& graph = graph_of("slice_channels", {x});
  if (first < 0 || count < 1 || count > x.channels() || first > x.channels() - count) {
    fail("{}: no {} channels from {} on in {}", label(graph, x.id), count, first, x.channels());
  }
  return append(graph, SliceChannels{.first = first, .count = count}, {x.id}, count, false);
}

namespace {

void expect_divisible(const char* what, Value x, std::int64_t parts) {
  graph_of(what, {x});
  if (parts < 1 || x.channels() % parts != 0) {
    fail("{}: {} channels do not split into {} equal parts", label(*x.graph, x.id), x.channels(), parts);
  }
}

}  // namespace

Value shuffle_channels(Value x, std::int64_t groups) {
  expect_divisible("shuffle_channels", x, groups);
  return like(ShuffleChannels{groups}, {x});
}
Value radix_softmax(Value x, std::int64_t radix) {
  expect_divisible("radix_softmax", x, radix);
  return like(RadixSoftmax{radix}, {x});
}
Value upsample_nearest(Value x, std::int64_t factor) {
  return like(UpsampleNearest{factor}, {x});
}

Value effect_only(Value x) {
  graph_of("effect_only", {x}).mark_effect_only(x.id);
  return x;
}

Value counted(Value x, int per_element) {
  graph_of("counted", {x}).set_counted(x.id, per_element);
  return x;
}

void keys_last(const Scope& scope) {
  if (scope.graph == nullptr) fail("{}: its scope belongs to no graph", scope.path);
  scope.graph->move_params_last(scope.path + ".");
}

void output(Value x) {
  graph_of("output", {x}).set_output(x.id);
}

void auxiliary(Value x) {
  graph_of("auxiliary", {x}).set_auxiliary(x.id);
}

}  // namespace springbok::graph
