// A second output for training: what it adds to the loss, and that it leaves no trace elsewhere.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "springbok/engine/executor.h"
#include "springbok/graph/build.h"
#include "springbok/train/optim/sgd.h"
#include "springbok/train/stepper.h"
#include "springbok/zoo/zoo.h"

namespace springbok::train {
namespace {

using graph::Scope;
using graph::Value;

/// A trunk and two classifiers of pixels, the second one of the trunk's map and its double.
graph::Graph two_headed() {
  graph::Graph graph;
  const Scope root{&graph, ""};
  const Value trunk = graph::relu(graph::conv(root / "trunk", graph::input(graph, 2), {.out = 4, .kernel = 3}));
  graph::output(graph::conv(root / "first", trunk, {.out = 3}));
  graph::auxiliary(graph::conv(root / "second", graph::add(trunk, trunk), {.out = 3}));
  return graph;
}

at::Tensor squares(const at::Tensor& scores) {
  return at::sum(at::mul(scores, scores));
}

/// The gradients of one batch, by the stepper.
std::vector<at::Tensor> stepped(double weight, double& loss) {
  Learner learner(two_headed(), 3);
  learner.optimizer = std::make_unique<Sgd>(learner.graph, learner.state, OptimizerSettings{});
  Stepper stepper(learner, {.rate = recipe::constant(0.1), .aux_weight = weight});
  at::manual_seed(1);
  loss = stepper.add(at::randn({2, 2, 5, 5}), squares, 1).loss;
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& tensor : learner.state.tensors) gradients.push_back(tensor.grad());
  return gradients;
}

TEST(Auxiliary, AddsItsShareOfTheLoss) {
  const graph::Graph graph = two_headed();
  const engine::State state = engine::initialise(graph, 3);
  at::manual_seed(1);
  const at::Tensor input = at::randn({2, 2, 5, 5});
  const at::Tensor trunk = at::relu(at::conv2d(input, state.tensors[0], {}, 1, 1));
  const at::Tensor first = at::conv2d(trunk, state.tensors[1]),
                   second = at::conv2d(at::mul(trunk, 2), state.tensors[2]);
  const at::Tensor wanted = at::add(squares(first), squares(second), 0.3);
  wanted.backward();
  double loss = 0;
  const std::vector<at::Tensor> gradients = stepped(0.3, loss);
  EXPECT_NEAR(loss, wanted.item<double>(), 1e-4 * wanted.item<double>());
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    EXPECT_TRUE(at::allclose(gradients[i], state.tensors[static_cast<graph::ParamId>(i)].grad(), 1e-4, 1e-4)) << i;
  }
}

TEST(Auxiliary, OfNoWeightIsNotTrained) {
  double loss = 0;
  EXPECT_FALSE(stepped(0, loss)[2].defined());
  EXPECT_TRUE(stepped(0.5, loss)[2].defined());
}

TEST(Auxiliary, EvaluationLeavesItOut) {
  const graph::Graph graph = two_headed();
  const engine::State state = engine::initialise(graph, 3);
  at::Tensor second;
  engine::Executor(graph).forward(state, at::ones({1, 2, 5, 5}), {.auxiliary = &second});
  EXPECT_FALSE(second.defined());
}

/// Blocks that run again in backward give the same bits, the second output too.
TEST(Auxiliary, IsTheSameWhenBlocksAreRecomputed) {
  const graph::Graph graph = zoo::build("deeplabv3_mobilenet_v3_large", {.classes = 3, .aux_head = true});
  const auto run = [&](bool recompute) {
    engine::State state = engine::initialise(graph, 3);
    at::manual_seed(1);
    at::Tensor second;
    const engine::Executor executor(graph);
    const at::Tensor first = executor.forward(state, at::randn({2, 3, 33, 33}),
                                              {.train = true, .recompute = recompute, .auxiliary = &second});
    at::add(squares(first), squares(second)).backward();
    std::vector<at::Tensor> all{first.detach(), second.detach()};
    for (const at::Tensor& tensor : state.tensors) {
      if (tensor.grad().defined()) all.push_back(tensor.grad());
    }
    return all;
  };
  const std::vector<at::Tensor> once = run(false), again = run(true);
  ASSERT_EQ(once.size(), again.size());
  for (std::size_t i = 0; i < once.size(); ++i) EXPECT_TRUE(at::equal(once[i], again[i])) << i;
}

}  // namespace
}  // namespace springbok::train
