// Dense blocks over one memory: the numbers of ATen's ops in float64, and memory that grows with the layers.
#include "springbok/engine/kernels/dense_block.h"

#include <ATen/Functions.h>
#include <c10/core/Allocator.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "springbok/engine/executor.h"
#include "springbok/engine/recompute.h"
#include "springbok/engine/step_memory.h"
#include "springbok/graph/build.h"
#include "springbok/zoo/zoo.h"
#include "tests/engine/kernel_support.h"

namespace springbok::engine {
namespace {

using namespace graph;

constexpr std::int64_t kGrowth = 8;

Value normed(const Scope& s, Value x) {
  return relu(norm(s, x, {.eps = 1e-3, .momentum = 0.3}));
}

/// One layer's features: norm, ReLU, 1 x 1 convolution and so on, or without the 1 x 1.
Value layer(const Scope& s, Value x, bool bottleneck) {
  const Value y = normed(s / "norm1", x);
  if (!bottleneck) return conv(s / "conv", y, {.out = kGrowth, .kernel = 3});
  const Value z = normed(s / "norm2", conv(s / "conv1", y, {.out = 2 * kGrowth}));
  return conv(s / "conv2", z, {.out = kGrowth, .kernel = 3});
}

Value dense(const Scope& s, Value x, std::int64_t layers, bool bottleneck) {
  for (std::int64_t i = 0; i < layers; ++i) x = concat({x, layer(s / i, x, bottleneck)});
  return x;
}

struct Net {
  const char* name;
  Graph (*make)();
};

/// Two blocks with a transition, and a norm and ReLU behind the last.
Graph two_blocks() {
  Graph graph;
  const Scope root{&graph, ""};
  Value x = conv(root / "stem", input(graph, 3), {.out = 16, .kernel = 3});
  x = dense(root / "a", x, 3, true);
  x = avg_pool(conv(root / "t", normed(root / "tn", x), {.out = 16, .kernel = 3, .stride = 2}), {});
  x = normed(root / "end", dense(root / "b", x, 2, false));
  output(linear(root / "fc", flatten(global_pool(x)), {.out = 5}));
  return graph;
}

/// Each value has two norms, one of them read twice, as in Elastic's layers.
Graph two_readers() {
  Graph graph;
  const Scope root{&graph, ""};
  Value x = conv(root / "stem", input(graph, 3), {.out = 16, .kernel = 3});
  for (std::int64_t i = 0; i < 3; ++i) {
    const Scope s = root / i;
    const Value y = normed(s / "n", x);
    const Value more = add(conv(s / "high", y, {.out = kGrowth}), conv(s / "low", y, {.out = kGrowth, .kernel = 3}));
    x = concat({x, add(more, conv(s / "other", normed(s / "m", x), {.out = kGrowth}))});
  }
  output(normed(root / "end", x));
  return graph;
}

/// A block whose last value also goes into a concatenation that is not of it, and there to a convolution.
Graph read_outside() {
  Graph graph;
  const Scope root{&graph, ""};
  const Value stem = conv(root / "stem", input(graph, 3), {.out = 16, .kernel = 3});
  const Value x = dense(root / "a", stem, 2, true);
  const Value outside = concat({x, layer(root / "last", x, true)});
  output(conv(root / "conv", outside, {.out = 8}));
  return graph;
}

/// The images themselves are the block's first map.
Graph from_images() {
  Graph graph;
  const Scope root{&graph, ""};
  output(normed(root / "end", dense(root / "a", input(graph, 8), 2, true)));
  return graph;
}

std::vector<Kernel> kernels(const Steps& steps) {
  std::vector<Kernel> all;
  for (const Step& step : steps) all.push_back(step.kernel);
  return all;
}

std::int64_t count(const Steps& steps, Kernel kernel) {
  const std::vector<Kernel> all = kernels(steps);
  return std::count(all.begin(), all.end(), kernel);
}

/// What a training step leaves: the output, gradients, running statistics.
struct Left {
  std::vector<at::Tensor> values;
  std::vector<std::string> names;
  Steps steps;
};

Left left_by(const Graph& graph, at::ScalarType dtype, const std::vector<std::string>& frozen = {}) {
  State state = golden::filled_state(graph, dtype);
  Left left;
  for (std::size_t i = 0; i < state.tensors.size(); ++i) {
    const std::string& name = graph.params()[i].name;
    const bool stays = std::any_of(frozen.begin(), frozen.end(), [&](const auto& f) { return name.starts_with(f); });
    if (stays) state.tensors[i].set_requires_grad(false);
  }
  const at::Tensor images = made("__input__", {3, graph.node(0).channels, 9, 7}, dtype).detach();
  const Executor executor(graph);
  Effects effects;
  left.values.push_back(executor.forward(state, images, {.train = true, .effects = &effects}));
  left.names.emplace_back("output");
  backward(left.values[0]);
  effects.apply(state);
  for (std::size_t i = 0; i < state.tensors.size(); ++i) {
    const at::Tensor& tensor = state.tensors[i];
    left.values.push_back(tensor.requires_grad() ? tensor.grad() : tensor);
    left.names.push_back(graph.params()[i].name);
  }
  left.steps = executor.steps(state, images, {.train = true});
  return left;
}

void expect_same(const Left& got, const Left& wanted) {
  ASSERT_EQ(got.values.size(), wanted.values.size());
  constexpr double kMost = 2e-5;
  for (std::size_t i = 0; i < got.values.size(); ++i) {
    if (got.values[i].scalar_type() == at::kLong) {
      EXPECT_TRUE(at::equal(got.values[i], wanted.values[i])) << got.names[i];
    } else {
      EXPECT_LT(error(got.values[i], wanted.values[i]), kMost) << got.names[i];
    }
  }
}

class Dense : public testing::TestWithParam<Net> {};

TEST_P(Dense, EqualsAtenInDouble) {
  const Graph graph = GetParam().make();
  const Left one = left_by(graph, at::kFloat), ref = left_by(graph, at::kDouble);
  EXPECT_GE(count(one.steps, Kernel::append), 2);
  EXPECT_EQ(count(ref.steps, Kernel::append), 0);
  expect_same(one, ref);
}

/// Twice the gradients, from one graph of autograd.
TEST_P(Dense, BackwardMayRunTwice) {
  const Graph graph = GetParam().make();
  const Executor executor(graph);
  State once = golden::filled_state(graph, at::kFloat), twice = golden::filled_state(graph, at::kFloat);
  const at::Tensor images = made("__input__", {3, graph.node(0).channels, 9, 7}, at::kFloat).detach();
  at::sum(executor.forward(once, images, {.train = true})).backward();
  const at::Tensor loss = at::sum(executor.forward(twice, images, {.train = true}));
  loss.backward({}, /*retain_graph=*/true);
  loss.backward();
  for (std::size_t i = 0; i < once.tensors.size(); ++i) {
    if (!once.tensors[i].requires_grad()) continue;
    EXPECT_TRUE(at::equal(at::mul(once.tensors[i].grad(), 2), twice.tensors[i].grad())) << graph.params()[i].name;
  }
}

TEST_P(Dense, RunsAgainWithTheSameBits) {
  const Graph graph = GetParam().make();
  const Executor executor(graph);
  State kept = golden::filled_state(graph, at::kFloat), again = golden::filled_state(graph, at::kFloat);
  const at::Tensor images = made("__input__", {3, graph.node(0).channels, 9, 7}, at::kFloat).detach();
  for (State* state : {&kept, &again}) {
    Effects effects;
    backward(executor.forward(*state, images, {.train = true, .recompute = state == &again, .effects = &effects}));
    effects.apply(*state);
  }
  for (std::size_t i = 0; i < kept.tensors.size(); ++i) {
    const bool learns = kept.tensors[i].requires_grad();
    EXPECT_TRUE(learns ? at::equal(kept.tensors[i].grad(), again.tensors[i].grad())
                       : at::equal(kept.tensors[i], again.tensors[i]))
        << graph.params()[i].name;
  }
}

INSTANTIATE_TEST_SUITE_P(Nets, Dense,
                         testing::Values(Net{"two_blocks", two_blocks}, Net{"two_readers", two_readers},
                                         Net{"read_outside", read_outside}, Net{"from_images", from_images}),
                         [](const auto& row) { return row.param.name; });

/// What does not learn gets no gradient, and what lies before or behind it the same as ever.
TEST(DenseBlocks, PartsMayBeFrozen) {
  const Graph graph = two_blocks();
  using Names = std::vector<std::string>;
  for (const Names& frozen : {Names{"stem"}, Names{"stem", "a.0"}, Names{"stem", "a.0", "a.1", "a.2.norm2"},
                              Names{"a.1.conv1"}, Names{"a", "stem", "t"}, Names{"b"}, Names{"end", "fc"}}) {
    expect_same(left_by(graph, at::kFloat, frozen), left_by(graph, at::kDouble, frozen));
  }
}

TEST(DenseBlocks, AreFoundWhereOnlyNormsRead) {
  const Graph graph = two_blocks();
  const Fusions fusions = find_fusions(graph);
  std::vector<std::int64_t> channels;
  std::int64_t convs = 0;
  for (const auto& link : fusions.at_concat) {
    if (!link) continue;
    channels.push_back(link->channels);
    EXPECT_EQ(link->unit, kGrowth);
  }
  for (const auto& group : fusions.at_conv) convs += group ? 1 : 0;
  EXPECT_EQ(channels, (std::vector<std::int64_t>{40, 40, 40, 32, 32}));
  EXPECT_EQ(convs, 2 + 1 + 1) << "layers but the first of each block, and the transition";
}

/// A ReLU over a block's memory would spoil it; features in front, a single layer or a third map are no block.
TEST(DenseBlocks, AreNotFoundWhereOthersRead) {
  const auto blocks = [](const auto& build) {
    Graph graph;
    const Scope root{&graph, ""};
    output(build(root, input(graph, 8)));
    const Fusions fusions = find_fusions(graph);
    return std::any_of(fusions.at_concat.begin(), fusions.at_concat.end(), [](const auto& link) { return !!link; });
  };
  EXPECT_TRUE(blocks([](const Scope& s, Value x) { return normed(s / "n", dense(s, x, 2, true)); }));
  EXPECT_FALSE(blocks([](const Scope& s, Value x) { return normed(s / "n", dense(s, x, 1, true)); }));
  EXPECT_FALSE(blocks([](const Scope& s, Value x) { return relu(dense(s, x, 2, true)); }));
  EXPECT_FALSE(blocks([](const Scope& s, Value x) { return dense(s, x, 2, true); })) << "the network's output";
  EXPECT_FALSE(blocks([](const Scope& s, Value x) {
    for (std::int64_t i = 0; i < 3; ++i) x = concat({layer(s / i, x, true), x});
    return normed(s / "n", x);
  }));
  EXPECT_FALSE(blocks([](const Scope& s, Value x) {
    for (std::int64_t i = 0; i < 3; ++i) x = concat({x, layer(s / i, x, true), layer(s / (i + 10), x, true)});
    return normed(s / "n", x);
  }));
}

TEST(DenseBlocks, StepsSayWhyNot) {
  const Graph graph = two_blocks();
  const Executor executor(graph);
  const State state = golden::filled_state(graph, at::kFloat);
  const at::Tensor images = made("__input__", {3, 3, 9, 7}, at::kFloat).detach();
  const auto told = [&](const State& of, const at::Tensor& x, const Pass& pass) {
    std::string line;
    for (const Step& step : executor.steps(of, x, pass)) {
      if (line.empty() && std::holds_alternative<Concat>(graph.node(step.node).op)) line = step.why;
    }
    return line;
  };
  EXPECT_EQ(told(state, images, {.train = true}), "one memory of 40 channels");
  EXPECT_EQ(told(state, images, {}), "no append: evaluation");
  EXPECT_EQ(told(state, images, {.train = true, .observe = [](NodeId, const at::Tensor&) {}}), "no append: observed");
  EXPECT_EQ(told(golden::filled_state(graph, at::kDouble), images.to(at::kDouble), {.train = true}),
            "no append: float64");
  EXPECT_EQ(told(state, images, {.train = true, .precision = Precision::bf16}), "no append: not float32");
}

/// Counts the bytes of tensors.
class Counting final : public c10::Allocator {
 public:
  explicit Counting(c10::Allocator& of) : of_(of) {}

  c10::DataPtr allocate(std::size_t bytes) override {
    c10::DataPtr data = of_.allocate(bytes);
    const std::lock_guard lock(mutex());
    alive() += static_cast<std::int64_t>(bytes);
    most() = std::max(most(), alive());
    void* const at = data.get();
    held()[at] = {std::move(data), bytes};
    return {at, at, &release, c10::Device(c10::kCPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void* to, const void* from, std::size_t bytes) const override { default_copy_data(to, from, bytes); }

  static std::int64_t& alive() {
    static std::int64_t bytes = 0;
    return bytes;
  }
  static std::int64_t& most() {
    static std::int64_t bytes = 0;
    return bytes;
  }

 private:
  struct Held {
    c10::DataPtr data;
    std::size_t bytes;
  };
  static std::unordered_map<void*, Held>& held() {
    static std::unordered_map<void*, Held> blocks;
    return blocks;
  }
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  static void release(void* at) {
    const std::lock_guard lock(mutex());
    alive() -= static_cast<std::int64_t>(held()[at].bytes);
    held().erase(at);
  }
  c10::Allocator& of_;
};

/// Bytes at the peak of a training step above those before it, and kept when forward ends.
struct Bytes {
  std::int64_t peak, kept;
};

Bytes measured(const Graph& graph, const at::Tensor& images) {
  State state = initialise(graph, 3);
  const Executor executor(graph);
  executor.steps(state, images, {.train = true});
  c10::Allocator* const before = c10::GetAllocator(c10::kCPU);
  static Counting counting(*before);
  c10::SetAllocator(c10::kCPU, &counting, /*priority=*/100);
  const std::int64_t start = Counting::alive();
  Counting::most() = start;
  Bytes bytes{};
  {
    Effects effects;
    const at::Tensor output = executor.forward(state, images, {.train = true, .effects = &effects});
    bytes.kept = Counting::alive() - start;
    at::sum(output).backward();
  }
  bytes.peak = Counting::most() - start;
  c10::SetAllocator(c10::kCPU, before, /*priority=*/100);
  return bytes;
}

Graph deep(std::int64_t layers) {
  Graph graph;
  const Scope root{&graph, ""};
  const Value x = conv(root / "stem", input(graph, 3), {.out = 16, .kernel = 3});
  output(global_pool(conv(root / "end", normed(root / "norm", dense(root / "a", x, layers, true)), {.out = 8})));
  return graph;
}

/// A layer costs its own maps, whatever lies before it.
TEST(DenseBlocks, MemoryGrowsWithTheLayers) {
  const at::Tensor images = made("__input__", {4, 3, 32, 32}, at::kFloat).detach();
  const std::int64_t few = measured(deep(8), images).kept, more = measured(deep(16), images).kept,
                     most = measured(deep(24), images).kept;
  const std::int64_t map = 4 * 4 * 32 * 32;                // bytes a channel
  const std::int64_t layer = (2 * 2 + 1) * kGrowth * map;  // the 1 x 1's output before and behind its norm; features
  EXPECT_NEAR(static_cast<double>(more - few), 8.0 * static_cast<double>(layer),
              0.03 * 8.0 * static_cast<double>(layer));
  EXPECT_NEAR(static_cast<double>(most - more), static_cast<double>(more - few),
              0.03 * static_cast<double>(more - few));
}

TEST(DenseBlocks, MemoryIsToldBeforehand) {
  const Shape input{4, 3, 32, 32};
  const at::Tensor images = made("__input__", input, at::kFloat).detach();
  const Graph graph = deep(12);
  const Steps steps = Executor(graph).steps(initialise(graph, 3), images, {.train = true});
  const StepMemory told = step_memory(graph, steps, input);
  const Bytes bytes = measured(graph, images);
  const auto batch = static_cast<double>(images.nbytes());  // which lay there before
  EXPECT_NEAR(static_cast<double>(told.kept) - batch, static_cast<double>(bytes.kept),
              0.05 * static_cast<double>(bytes.kept));
  EXPECT_NEAR(static_cast<double>(told.alive) - batch, static_cast<double>(bytes.peak),
              0.1 * static_cast<double>(bytes.peak));
}

/// Recomputing keeps a block whole, since its values share one memory.
TEST(DenseBlocks, NoCutDividesOne) {
  const Graph graph = zoo::build("densenet121", {});
  const State state = initialise(graph, 7);
  const Steps steps = Executor(graph).steps(state, made("a", {2, 3, 64, 64}, at::kFloat).detach(), {.train = true});
  const std::vector<Stretch> cuts = stretches(graph, steps);
  EXPECT_EQ(cuts.size(), 5U) << "the stem with the first block, each other with the transition before, the classifier";
  for (const Stretch& cut : cuts) EXPECT_FALSE(std::holds_alternative<Concat>(graph.node(cut.leaves).op));
}

}  // namespace
}  // namespace springbok::engine
