// The executor: overwriting changes no number, dropout is named not drawn, errors name the layer.
#include "springbok/engine/executor.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "springbok/graph/build.h"
#include "springbok/zoo/zoo.h"
#include "tests/golden/golden.h"

namespace springbok::engine {
namespace {

using namespace graph;

TEST(InPlace, OnlyWhereNobodyElseReads) {
  Graph graph;
  const Scope root{&graph, ""};
  const Value x = input(graph, 4);
  const Value over_input = relu(x);  // the caller's tensor stays
  const Value normed = norm(root / "a", over_input);
  const Value free = relu(normed);  // nobody else reads the norm
  const Value shared = conv(root / "b", free, {.out = 4});
  const Value twice = relu(shared);      // `shared` is read again below
  const Value sum = add(twice, shared);  // relu keeps its output
  const Value after = relu(sum);         // add keeps nothing
  graph::output(after);
  const Executor executor(graph);
  EXPECT_FALSE(executor.in_place(over_input.id));
  EXPECT_TRUE(executor.in_place(free.id));
  EXPECT_FALSE(executor.in_place(twice.id));
  EXPECT_FALSE(executor.in_place(sum.id));
  EXPECT_TRUE(executor.in_place(after.id));
}

TEST(InPlace, NeverOnViews) {
  Graph graph;
  const Value x = input(graph, 2);
  const Value cut = crop_like(upsample(x, 2), x);
  const Value over_view = relu(cut);
  graph::output(over_view);
  EXPECT_FALSE(Executor(graph).in_place(over_view.id));
}

TEST(Executor, LeavesTheInputAlone) {
  Graph graph;
  graph::output(relu(relu(input(graph, 2))));
  State state;
  const at::Tensor x = golden::fill("__input__", {1, 2, 3, 3});
  const at::Tensor copy = x.clone();
  Executor(graph).forward(state, x, {});
  EXPECT_TRUE(at::equal(x, copy));
}

TEST(Executor, WrongSizeNamesTheLayer) {
  const Graph graph = zoo::build("resnet18");
  State state = initialise(graph, 0);
  try {
    Executor(graph).forward(state, at::zeros({1, 1, 64, 64}), {});
    FAIL() << "a grey image went into a colour network";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "the network expects 3 input channels, got 1");
  }
}

TEST(Executor, EffectOnlyNodesRunInTrainingAlone) {
  Graph graph;
  const Scope root{&graph, ""};
  const Value x = input(graph, 3);
  effect_only(norm(root / "aside", x));
  graph::output(conv(root / "main", x, {.out = 2}));
  State state = initialise(graph, 0);
  const at::Tensor image = golden::fill("__input__", {2, 3, 4, 4}).to(at::kFloat);
  Executor(graph).forward(state, image, {});
  EXPECT_EQ(state.tensors[4].item<std::int64_t>(), 0);
  Effects effects;
  Executor(graph).forward(state, image, {.train = true, .effects = &effects});
  effects.apply(state);
  EXPECT_EQ(state.tensors[4].item<std::int64_t>(), 1);
  EXPECT_GT(state.tensors[2].norm().item<float>(), 0);
}

TEST(Executor, OneValueAChannelHasNoBatchStatistics) {
  Graph graph;
  graph::output(norm({&graph, "pyramid.bn"}, global_pool(input(graph, 3))));
  State state = initialise(graph, 0);
  EXPECT_NO_THROW(Executor(graph).forward(state, at::zeros({1, 3, 4, 4}), {}));
  EXPECT_NO_THROW(Executor(graph).forward(state, at::zeros({2, 3, 4, 4}), {.train = true}));
  try {
    Executor(graph).forward(state, at::zeros({1, 3, 4, 4}), {.train = true});
    FAIL() << "a batch of one pixel was normalised";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "pyramid.bn: one value a channel has no batch statistics; train with a batch of 2 or more, or larger "
                 "images");
  }
}

TEST(Executor, ObserverSeesEveryNodeInOrder) {
  const Graph graph = zoo::build("resnet20", {.classes = 10});
  State state = initialise(graph, 0);
  std::vector<NodeId> seen;
  Executor(graph).forward(state, at::zeros({1, 3, 8, 8}),
                          {.observe = [&](NodeId id, const at::Tensor&) { seen.push_back(id); }});
  ASSERT_EQ(seen.size() + 1, graph.nodes().size());
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], static_cast<NodeId>(i + 1));
}

/// A half batch that starts at sample 2 gets the masks that the whole batch gives those samples.
TEST(Dropout, DoesNotDependOnTheBatchSplit) {
  Graph graph;
  graph::output(dropout({&graph, "drop"}, input(graph, 3), 0.4));
  State state;
  const Executor executor(graph);
  const at::Tensor x = at::ones({4, 3, 5, 5});
  const at::Tensor whole = executor.forward(state, x, {.train = true, .seed = 1, .step = 7});
  const at::Tensor half =
      executor.forward(state, x.narrow(0, 2, 2), {.train = true, .seed = 1, .step = 7, .first_sample = 2});
  EXPECT_TRUE(at::equal(whole.narrow(0, 2, 2), half));
  EXPECT_FALSE(at::equal(whole, executor.forward(state, x, {.train = true, .seed = 1, .step = 8})));
  EXPECT_TRUE(at::equal(x, executor.forward(state, x, {.seed = 1, .step = 7})));
}

TEST(Dropout, KeepsTheMean) {
  Graph graph;
  graph::output(dropout({&graph, "drop"}, input(graph, 1), 0.25));
  State state;
  const at::Tensor y = Executor(graph).forward(state, at::ones({1, 1, 200, 200}), {.train = true});
  EXPECT_NEAR(y.mean().item<float>(), 1, 0.02);
  EXPECT_NEAR(at::eq(y, 0).to(at::kFloat).mean().item<float>(), 0.25, 0.01);
}

}  // namespace
}  // namespace springbok::engine
