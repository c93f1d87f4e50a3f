// Ten steps of each optimizer equal PyTorch's and timm's (fixtures/make_optimizers.py), and go on from what was saved.
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "springbok/base/choice.h"
#include "springbok/base/error.h"
#include "springbok/recipe/schedule.h"
#include "springbok/train/optim/rules.h"
#include "tests/support/message_of.h"

namespace springbok::train {
namespace {

using springbok::testing::message_of;

const nlohmann::json& fixture() {
  static const nlohmann::json document = [] {
    nlohmann::json json;
    std::ifstream(SPRINGBOK_SOURCE_DIR "/tests/train/fixtures/optimizers.json") >> json;
    return json;
  }();
  return document;
}

/// The fixture's formula: a parameter's values at step 0, else its gradient's.
at::Tensor values(const std::string& name, int step, at::IntArrayRef shape) {
  std::vector<double> flat;
  const double offset = name == "weight" ? 0.3 : 1.1;
  for (std::int64_t i = 0; i < c10::multiply_integers(shape); ++i) {
    flat.push_back(std::sin(1.7 * static_cast<double>(i) + offset + 0.9 * step) * (1 + 0.1 * step));
  }
  return at::tensor(flat, at::kDouble).reshape(shape);
}

/// The two parameters of the fixture under one optimizer.
struct Case {
  explicit Case(const nlohmann::json& row) {
    const double decay = row["weight_decay"];
    groups.push_back({.weight_decay = decay, .slots = {{0, "weight", values("weight", 0, {3, 2, 2, 2})}}});
    groups.push_back({.weight_decay = 0, .slots = {{1, "bias", values("bias", 0, {3})}}});
    OptimizerSettings settings;
    settings.nesterov = row["optimizer"] == "sgd";
    settings.kind = find_choice<recipe::OptimizerKind>(row["optimizer"], recipe::optimizer_kinds()).value();
    optimizer = make_optimizer(groups, {}, recipe::with_defaults(settings));
  }
  void step(int number) { step(number, fixture()["lr"]); }
  void step(int number, double lr) {
    for (const ParamGroup& group : groups) {
      for (const Slot& slot : group.slots) {
        at::Tensor value = slot.value;
        value.mutable_grad() = values(slot.name, number, value.sizes());
      }
    }
    optimizer->prepare();
    optimizer->step(lr);
    optimizer->clear_gradients();
  }
  const at::Tensor& value(std::size_t group) const { return groups[group].slots[0].value; }

  std::vector<ParamGroup> groups;
  std::unique_ptr<Optimizer> optimizer;
};

class Optimizers : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Optimizers, TenStepsEqualTheirSources) {
  const nlohmann::json& row = fixture()["cases"][GetParam()];
  Case one(row);
  for (int step = 1; step <= fixture()["steps"]; ++step) one.step(step);
  for (const std::size_t group : {0, 1}) {
    const auto expected = row[group == 0 ? "weight" : "bias"].get<std::vector<double>>();
    const at::Tensor difference = one.value(group).flatten().sub(at::tensor(expected, at::kDouble)).abs();
    EXPECT_LT(difference.max().item<double>(), 1e-12) << row["optimizer"];
  }
}

TEST_P(Optimizers, GoOnFromWhatTheySaved) {
  const nlohmann::json& row = fixture()["cases"][GetParam()];
  Case straight(row), second(row);
  for (int step = 1; step <= 3; ++step) straight.step(step);
  second.optimizer->load(straight.optimizer->state_dict(0.1), "file");
  for (const std::size_t group : {0, 1}) at::Tensor(second.value(group)).copy_(straight.value(group));
  straight.step(4);
  second.step(4);
  for (const std::size_t group : {0, 1}) EXPECT_TRUE(second.value(group).equal(straight.value(group)));
}

INSTANTIATE_TEST_SUITE_P(All, Optimizers, ::testing::Range(std::size_t{0}, fixture()["cases"].size()),
                         [](const auto& each) {
                           const nlohmann::json& row = fixture()["cases"][each.param];
                           return row["optimizer"].get<std::string>() + (row["weight_decay"] == 0 ? "" : "_decayed");
                         });

/// One cycle moves the rate, and momentum or beta1 against it.
TEST(OneCycle, TenStepsEqualPyTorchs) {
  const recipe::Schedule schedule{
      .kind = recipe::ScheduleKind::onecycle, .lr = fixture()["lr"], .total_steps = fixture()["steps"]};
  for (const nlohmann::json& row : fixture()["cycled"]) {
    Case one(row);
    for (int step = 1; step <= fixture()["steps"]; ++step) {
      one.optimizer->set_momentum(recipe::momentum_at(schedule, step - 1).value());
      one.step(step, recipe::learning_rate(schedule, step - 1));
    }
    for (const std::size_t group : {0, 1}) {
      const auto expected = row[group == 0 ? "weight" : "bias"].get<std::vector<double>>();
      const at::Tensor difference = one.value(group).flatten().sub(at::tensor(expected, at::kDouble)).abs();
      EXPECT_LT(difference.max().item<double>(), 1e-12) << row["optimizer"];
    }
  }
}

/// A branch may have another rule for the rest: matrices go on, the rest begins anew.
TEST(OptimizerState, MuonsRestMayBeMovedByAnother) {
  const auto muon = [](recipe::MuonRest rest) {
    std::vector<ParamGroup> groups;
    groups.push_back({.weight_decay = 0, .slots = {{0, "weight", values("weight", 0, {3, 2, 2, 2})}}});
    groups.back().matrices = true;
    groups.push_back({.weight_decay = 0, .slots = {{1, "bias", values("bias", 0, {3})}}});
    OptimizerSettings settings;
    settings.kind = recipe::OptimizerKind::muon;
    settings.muon.rest = rest;
    return make_optimizer(groups, {}, recipe::with_defaults(settings));
  };
  const auto before = muon(recipe::MuonRest::adamw), after = muon(recipe::MuonRest::sgd);
  for (const ParamGroup& group : before->groups()) {
    at::Tensor value = group.slots[0].value;
    value.mutable_grad() = values(group.slots[0].name, 1, value.sizes());
  }
  before->step(0.1);
  after->take_over(*before);
  const tensors::Dict dict = after->state_dict(0.1);
  const auto& state = *tensors::find_as<tensors::Dict>(dict, "state");
  EXPECT_EQ(state.size(), 1U);
  EXPECT_NE(tensors::find(*tensors::find_as<tensors::Dict>(state, "0"), "momentum_buffer"), nullptr);
}

TEST(OptimizerState, OfAnotherKindIsRefused) {
  Case adam(fixture()["cases"][0]), lion(fixture()["cases"][10]);
  adam.step(1);
  lion.step(1);
  EXPECT_EQ(message_of<Error>([&] { adam.optimizer->load(lion.optimizer->state_dict(0.1), "file"); }),
            "file: the exp_avg_sq of weight is not of its shape; the checkpoint belongs to another network");
}

}  // namespace
}  // namespace springbok::train
