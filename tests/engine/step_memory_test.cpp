// The memory of a step told beforehand is what the arena takes when it is run.
#include "springbok/engine/step_memory.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "springbok/engine/executor.h"
#include "springbok/engine/state.h"
#include "springbok/graph/build.h"

namespace springbok::engine {
namespace {

constexpr std::int64_t kFloat = 4;

Steps steps_of(const graph::Graph& graph, const graph::Shape& input) {
  State state = allocate(graph);
  for (at::Tensor& tensor : state.tensors) tensor.zero_();
  const at::Tensor images = at::zeros(input).contiguous(at::MemoryFormat::ChannelsLast);
  return Executor(graph).steps(state, images, {.train = true});
}

/// `a`, a ReLU, `b`: 3 x 3, of as many channels as the images have.
graph::Graph two_convolutions(std::int64_t width) {
  graph::Graph graph;
  graph::Value x = graph::input(graph, width);
  x = graph::relu(graph::conv({&graph, "a"}, x, {.out = width, .kernel = 3}));
  x = graph::conv({&graph, "b"}, x, {.out = width, .kernel = 3});
  graph.set_output(x.id);
  return graph;
}

/// A convolution keeps its input, a ReLU behind it its output: three maps, and their gradients while they flow.
TEST(StepMemory, OfAFewLayersIsCountedByHand) {
  constexpr std::int64_t kBatch = 8, kWidth = 16, kSize = 32;
  const graph::Graph graph = two_convolutions(kWidth);
  const graph::Shape input{kBatch, kWidth, kSize, kSize};
  const StepMemory memory = step_memory(graph, steps_of(graph, input), input);
  const std::int64_t map = kFloat * kBatch * kWidth * kSize * kSize;
  const std::int64_t weights = kFloat * kWidth * kWidth * 9;
  EXPECT_EQ(memory.kept, 3 * map);  // the batch, what the ReLU gave (over the convolution's memory), the output
  EXPECT_EQ(memory.masks, 0);
  // Backward of `b`: the three, the output's gradient, its input's; weights' gradient and scratch.
  EXPECT_EQ(memory.alive, 5 * map + 3 * weights);
  EXPECT_GE(memory.peak, memory.alive);
  EXPECT_LE(memory.peak, memory.alive + memory.alive / 20);
}

/// In mixed precision maps behind the first layer are halves; that one keeps a copy of its input, both of their
/// weights.
TEST(StepMemory, OfHalvesIsCountedByHand) {
  constexpr std::int64_t kBatch = 8, kWidth = 16, kSize = 32, kHalf = 2;
  const graph::Graph graph = two_convolutions(kWidth);
  const graph::Shape input{kBatch, kWidth, kSize, kSize};
  const StepMemory memory = step_memory(graph, steps_of(graph, input), input, false, {kFloat, kHalf, kHalf, kHalf});
  const std::int64_t map = kFloat * kBatch * kWidth * kSize * kSize, half = map / 2;
  const std::int64_t weights = kFloat * kWidth * kWidth * 9;
  EXPECT_EQ(memory.kept, map + half + half + half + weights);  // batch, its copy, ReLU's, the output, weights' copies
}

TEST(StepMemory, GrowsWithTheBatchAndNotWithTheStepsThatToldIt) {
  graph::Graph graph;
  graph::Value x = graph::input(graph, 8);
  x = graph::relu(graph::norm({&graph, "n"}, graph::conv({&graph, "c"}, x, {.out = 8, .kernel = 3})));
  x = graph::max_pool(x, {});
  graph.set_output(graph::flatten(graph::global_pool(x)).id);
  const Steps few = steps_of(graph, {2, 8, 16, 16}), more = steps_of(graph, {6, 8, 16, 16});
  const auto of = [&](const Steps& steps, std::int64_t batch) { return step_memory(graph, steps, {batch, 8, 16, 16}); };
  EXPECT_EQ(of(few, 32).peak, of(more, 32).peak);
  EXPECT_EQ(of(few, 32).masks, 8 * 32 * 8 * 8 * 8);  // an index of 8 bytes for each pooled value
  EXPECT_NEAR(static_cast<double>(of(few, 64).kept), 2.0 * static_cast<double>(of(few, 32).kept), 1024);
}

/// Four blocks of a convolution, a norm and a ReLU twice: recomputing keeps what enters each.
TEST(StepMemory, RecomputingKeepsWhatEntersABlock) {
  constexpr std::int64_t kWidth = 8;
  graph::Graph graph;
  graph::Value x = graph::input(graph, kWidth);
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"}) {
    const graph::Scope scope{&graph, name};
    x = graph::conv(scope, x, {.out = kWidth, .kernel = 3});
    x = graph::relu(graph::norm({&graph, std::string(name) + "n"}, x));
  }
  graph.set_output(x.id);
  const graph::Shape input{4, kWidth, 32, 32};
  const Steps steps = steps_of(graph, input);
  ASSERT_EQ(steps.size(), 24U);  // a convolution, and a norm with its ReLU
  const std::int64_t map = kFloat * 4 * kWidth * 32 * 32;
  EXPECT_EQ(step_memory(graph, steps, input).kept, 25 * map);
  // The batch, what enters the second to the fourth block, and all but the first that the last one keeps.
  EXPECT_EQ(step_memory(graph, steps, input, true).kept, 4 * map + 6 * map);
}

}  // namespace
}  // namespace springbok::engine
