// What the ten steps do not show of SGD: parameters without a gradient, and the state's layout.
#include "springbok/train/optim/sgd.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "springbok/train/stepper.h"
#include "tests/support/message_of.h"
#include "tests/train/small_graph.h"

namespace springbok::train {
namespace {

static_assert(!std::is_constructible_v<Stepper, Learner, const StepperSettings&>);
static_assert(!std::is_constructible_v<Sgd, graph::Graph, engine::State&, const OptimizerSettings&>);

using springbok::testing::message_of;

std::vector<std::size_t> trainable(const graph::Graph& graph) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < graph.params().size(); ++i) {
    if (!graph.params()[i].buffer) found.push_back(i);
  }
  return found;
}

class SgdTest : public ::testing::Test {
 protected:
  void give_gradients(double value) {
    for (const std::size_t i : trainable(graph_)) {
      state_.tensors[i].mutable_grad() = at::full_like(state_.tensors[i].detach(), value);
    }
  }
  double mean(std::size_t which) const { return state_.tensors[which].detach().mean().item<double>(); }

  graph::Graph graph_ = small_graph();
  engine::State state_ = engine::initialise(graph_, 1, at::kDouble);
};

TEST_F(SgdTest, AParameterWithoutGradientStaysAndStartsItsMomentumLater) {
  Sgd sgd(graph_, state_, {.momentum = 0.5, .weight_decay = 0});
  const auto params = trainable(graph_);
  give_gradients(1);
  state_.tensors[params[0]].mutable_grad().reset();
  const double before = mean(params[0]), other = mean(params[1]);
  sgd.step(0.1);
  EXPECT_EQ(mean(params[0]), before);
  EXPECT_NEAR(mean(params[1]), other - 0.1, 1e-12);
  give_gradients(1);
  sgd.step(0.1);  // the first's momentum is 1, the second's 0.5 + 1
  EXPECT_NEAR(mean(params[0]), before - 0.1, 1e-12);
  EXPECT_NEAR(mean(params[1]), other - 0.1 - 0.15, 1e-12);
}

TEST_F(SgdTest, StateHasTorchsLayoutWithExemptParametersInASecondGroup) {
  Sgd sgd(graph_, state_, {.momentum = 0.9, .weight_decay = 0.1, .norm_decay = false});
  give_gradients(1);
  sgd.step(0.1);
  const tensors::Dict dict = sgd.state_dict(0.05);
  const auto& groups = std::get<tensors::List>(tensors::find(dict, "param_groups")->data);
  ASSERT_EQ(groups.size(), 2U);
  const auto& plain = std::get<tensors::Dict>(groups[1].data);
  EXPECT_EQ(std::get<double>(tensors::find(plain, "weight_decay")->data), 0.0);
  EXPECT_EQ(std::get<double>(tensors::find(plain, "lr")->data), 0.05);
  const auto& indices = std::get<tensors::List>(tensors::find(plain, "params")->data);
  ASSERT_EQ(indices.size(), 2U);
  EXPECT_EQ(std::get<std::int64_t>(indices[0].data), 1);
  const auto& entries = std::get<tensors::Dict>(tensors::find(dict, "state")->data);
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_TRUE(entries[0].key.integer);
}

TEST_F(SgdTest, GoesOnFromItsState) {
  engine::State copy = engine::initialise(graph_, 1, at::kDouble);
  const OptimizerSettings settings{.momentum = 0.9, .weight_decay = 0.1};
  Sgd first(graph_, state_, settings), second(graph_, copy, settings);
  give_gradients(1);
  first.step(0.1);
  second.load(first.state_dict(0.1), "file");
  for (const std::size_t i : trainable(graph_)) {
    copy.tensors[i].detach().copy_(state_.tensors[i].detach());
    copy.tensors[i].mutable_grad() = at::full_like(copy.tensors[i].detach(), 2);
  }
  give_gradients(2);
  first.step(0.1);
  second.step(0.1);
  for (const std::size_t i : trainable(graph_)) EXPECT_TRUE(copy.tensors[i].equal(state_.tensors[i])) << i;
}

TEST_F(SgdTest, AnotherNetworksStateIsRefused) {
  graph::Graph other;
  const graph::Scope root{&other, ""};
  graph::output(graph::conv(root / "conv", graph::input(other, 2), {.out = 5}));
  engine::State state = engine::initialise(other, 1, at::kDouble);
  Sgd sgd(other, state, {});
  Sgd first(graph_, state_, {});
  give_gradients(1);
  first.step(0.1);
  EXPECT_EQ(message_of<Error>([&] { sgd.load(first.state_dict(0.1), "file"); }),
            "file: the momentum of conv.weight is not of its shape; the checkpoint belongs to another network");
}

}  // namespace
}  // namespace springbok::train
