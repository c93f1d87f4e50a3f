// Ten steps of training equal PyTorch's in float64 (fixtures/make_ten_steps.py).
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "springbok/base/choice.h"
#include "springbok/train/optim/sgd.h"
#include "springbok/train/stepper.h"
#include "tests/train/filled_steps.h"

namespace springbok::train {
namespace {

const nlohmann::json& fixture() {
  static const nlohmann::json document = [] {
    nlohmann::json json;
    std::ifstream(SPRINGBOK_SOURCE_DIR "/tests/train/fixtures/ten_steps.json") >> json;
    return json;
  }();
  return document;
}

StepperSettings settings_from(const nlohmann::json& c) {
  constexpr std::int64_t kSteps = 10;
  const recipe::Schedule schedule{
      .kind = find_choice<recipe::ScheduleKind>(c["schedule"], recipe::schedule_kinds()).value(),
      .lr = c["lr"],
      .warmup_steps = c["warmup_steps"],
      .warmup_lr = c["warmup_lr"],
      .total_steps = kSteps};
  return {.rate = recipe::curve_of(schedule), .loss = cross_entropy(c["label_smoothing"])};
}

std::unique_ptr<Optimizer> optimizer_from(const nlohmann::json& c, Learner& learner) {
  const OptimizerSettings settings{.momentum = c["momentum"],
                                   .nesterov = c["nesterov"],
                                   .weight_decay = c["weight_decay"],
                                   .norm_decay = c["norm_decay"]};
  std::vector<GradientStep> steps;
  if (c["clip_norm"] > 0) steps.push_back(clip_norm(c["clip_norm"]));
  return std::make_unique<Sgd>(learner.graph, learner.state, settings, std::move(steps));
}

class TenSteps : public ::testing::TestWithParam<std::size_t> {};

TEST_P(TenSteps, EqualPyTorchs) {
  at::set_num_threads(1);
  const nlohmann::json& expected = fixture()["cases"][GetParam()];
  const FilledData data(fixture());
  FilledNet net(fixture());
  Learner& learner = net.learner;
  const graph::Graph& graph = learner.graph;
  const engine::State& state = learner.state;
  learner.optimizer = optimizer_from(expected, learner);
  Stepper stepper(learner, settings_from(expected));
  for (std::size_t step = 0; step < expected["losses"].size(); ++step) {
    const double loss = expected["losses"][step];
    const double tolerance = (step == 0 ? 1e-9 : 1e-6) * loss;
    ASSERT_NEAR(one_step(stepper, data, expected["micro_batch"]), loss, tolerance) << "step " << step + 1;
    ASSERT_NEAR(stepper.update().lr, expected["rates"][step].get<double>(), 1e-12);
  }
  for (std::size_t i = 0; i < graph.params().size(); ++i) {
    if (!graph.params()[i].integer) continue;
    const std::int64_t batch = fixture()["batch"], micro = expected["micro_batch"];
    EXPECT_EQ(state.tensors[i].item<std::int64_t>(), 10 * ((batch + micro - 1) / micro));
  }
  expect_norms(graph, state, expected["l2"]);
}

INSTANTIATE_TEST_SUITE_P(Cases, TenSteps, ::testing::Range<std::size_t>(0, fixture()["cases"].size()),
                         [](const auto& row) {
                           return fixture()["cases"][row.param]["name"].template get<std::string>();
                         });

}  // namespace
}  // namespace springbok::train
