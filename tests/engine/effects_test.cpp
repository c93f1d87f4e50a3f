// Running statistics: a pass moves none of the state, applied they are PyTorch's, and the batches of a step compose.
#include "springbok/engine/effects.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "springbok/engine/executor.h"
#include "springbok/graph/build.h"
#include "springbok/graph/replace.h"
#include "tests/engine/kernel_support.h"

namespace springbok::engine {
namespace {

using namespace graph;

/// A norm with a ReLU, a norm alone, an EvoNorm and a switchable norm, over 8 channels.
Graph with_statistics() {
  Graph graph;
  const Scope root{&graph, ""};
  Value x = conv(root / "conv", input(graph, 3), {.out = 8});
  x = relu(norm(root / "fused", x));
  x = norm(root / "alone", x);
  x = evo_norm(root / "evo", x);
  x = switch_norm(root / "switch", x);
  output(conv(root / "last", norm(root / "twelve", conv(root / "wide", x, {.out = 12})), {.out = 8}));
  return graph;
}

std::vector<at::Tensor> copies(const State& state) {
  std::vector<at::Tensor> all;
  for (const at::Tensor& tensor : state.tensors) all.push_back(tensor.detach().clone());
  return all;
}

/// The buffers that differ, by name.
std::vector<std::string> moved(const Graph& graph, const std::vector<at::Tensor>& before, const State& state) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (!at::equal(before[i], state.tensors[i])) names.push_back(graph.params()[i].name);
  }
  return names;
}

const std::vector<std::string> kStatistics{"fused.running_mean",  "fused.running_var",   "fused.num_batches_tracked",
                                           "alone.running_mean",  "alone.running_var",   "alone.num_batches_tracked",
                                           "evo.running_var",     "switch.running_mean", "switch.running_var",
                                           "twelve.running_mean", "twelve.running_var",  "twelve.num_batches_tracked"};

class EffectsTest : public testing::TestWithParam<at::ScalarType> {
 protected:
  Graph graph_ = with_statistics();
  State state_ = golden::filled_state(graph_, GetParam());
  Executor executor_{graph_};
  at::Tensor batch(const char* name) const { return made(name, {3, 3, 4, 5}, GetParam()).detach(); }
};

TEST_P(EffectsTest, AForwardChangesNoByteOfTheState) {
  const std::vector<at::Tensor> before = copies(state_);
  Effects effects;
  const at::Tensor first = executor_.forward(state_, batch("a"), {.train = true, .effects = &effects});
  EXPECT_EQ(moved(graph_, before, state_), std::vector<std::string>());
  // Computing it again, with its effects or without, gives the same.
  EXPECT_TRUE(at::equal(first, executor_.forward(state_, batch("a"), {.train = true, .effects = &effects})));
  EXPECT_TRUE(at::equal(first, executor_.forward(state_, batch("a"), {.train = true})));
  EXPECT_EQ(moved(graph_, before, state_), std::vector<std::string>());
  effects.clear();
  effects.apply(state_);
  EXPECT_EQ(moved(graph_, before, state_), std::vector<std::string>());
}

TEST_P(EffectsTest, AppliedTheyMoveEachStatisticOnce) {
  const std::vector<at::Tensor> before = copies(state_);
  Effects effects;
  executor_.forward(state_, batch("a"), {.train = true, .effects = &effects});
  EXPECT_FALSE(effects.empty());
  effects.apply(state_);
  EXPECT_TRUE(effects.empty());
  std::vector<std::string> wanted = kStatistics, got = moved(graph_, before, state_);
  std::sort(wanted.begin(), wanted.end());
  std::sort(got.begin(), got.end());
  EXPECT_EQ(got, wanted);
}

/// Two batches of one step move what two steps of one batch would, bit for bit.
TEST_P(EffectsTest, TheBatchesOfAStepCompose) {
  State other = golden::filled_state(graph_, GetParam());
  Effects together;
  for (const char* name : {"a", "b"}) {
    executor_.forward(state_, batch(name), {.train = true, .effects = &together});
    Effects one;
    executor_.forward(other, batch(name), {.train = true, .effects = &one});
    one.apply(other);
  }
  together.apply(state_);
  for (std::size_t i = 0; i < state_.tensors.size(); ++i) {
    EXPECT_TRUE(at::equal(state_.tensors[i], other.tensors[i])) << graph_.params()[i].name;
  }
}

INSTANTIATE_TEST_SUITE_P(Types, EffectsTest, testing::Values(at::kFloat, at::kDouble),
                         [](const auto& type) { return std::string(at::toString(type.param)); });

/// PyTorch's: running = (1 - momentum) running + momentum batch, the variance unbiased.
TEST(Effects, AreTheMovedRunningStatistics) {
  Graph graph;
  output(norm({&graph, "bn"}, input(graph, 8), {.momentum = 0.25}));
  State state = golden::filled_state(graph, at::kDouble);
  const std::vector<at::Tensor> before = copies(state);
  const at::Tensor x = golden::fill("__input__", {3, 8, 4, 5});
  Effects effects;
  Executor(graph).forward(state, x, {.train = true, .effects = &effects});
  effects.apply(state);
  const std::vector<std::int64_t> over{0, 2, 3};
  EXPECT_LT(error(state.tensors[2], before[2].mul(0.75).add(x.mean(over), 0.25)), 1e-14);
  EXPECT_LT(error(state.tensors[3], before[3].mul(0.75).add(at::var(x, over, true), 0.25)), 1e-14);
  EXPECT_EQ(state.tensors[4].item<std::int64_t>(), before[4].item<std::int64_t>() + 1);
}

}  // namespace
}  // namespace springbok::engine
