// Ten steps of training equal PyTorch's in float64 (fixtures/make_ten_steps.py).
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "springbok/base/choice.h"
#include "springbok/train/optim/sgd.h"
#include "springbok/train/stepper.h"
#include "springbok/zoo/zoo.h"
#include "tests/golden/golden.h"

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

/// The images and targets that step `step` takes, in batches of `micro` images.
struct Data {
  at::Tensor images;
  std::vector<std::int64_t> targets;
};

Data all_data() {
  const std::int64_t count = fixture()["images"], size = fixture()["size"], classes = fixture()["classes"];
  Data data{.images = golden::fill("__input__", {count, 3, size, size}).contiguous(at::MemoryFormat::ChannelsLast),
            .targets = {}};
  for (std::int64_t i = 0; i < count; ++i) data.targets.push_back(i * 7 % classes);
  return data;
}

/// One step; returns the mean loss over its images.
double one_step(Stepper& stepper, const Data& data, std::int64_t micro) {
  const std::int64_t batch = fixture()["batch"];
  const std::int64_t first = stepper.step() * batch % static_cast<std::int64_t>(data.targets.size());
  metrics::ClassTally sums;
  for (std::int64_t at = first; at < first + batch; at += micro) {
    const std::int64_t count = std::min(micro, first + batch - at);
    const auto targets = std::span(data.targets).subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(count));
    sums += stepper.add(data.images.narrow(0, at, count), targets, batch);
  }
  EXPECT_EQ(sums.samples, batch);
  return sums.mean_loss();
}

class TenSteps : public ::testing::TestWithParam<std::size_t> {};

TEST_P(TenSteps, EqualPyTorchs) {
  at::set_num_threads(1);
  const nlohmann::json& expected = fixture()["cases"][GetParam()];
  const Data data = all_data();
  graph::Graph network = zoo::build("resnet20", {.classes = fixture()["classes"]});
  engine::State filled = golden::filled_state(network, at::kDouble);
  Learner learner(std::move(network), std::move(filled));
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
    const graph::Param& param = graph.params()[i];
    if (param.integer) {
      EXPECT_EQ(state.tensors[i].item<std::int64_t>(),
                10 * ((fixture()["batch"].get<std::int64_t>() + expected["micro_batch"].get<std::int64_t>() - 1) /
                      expected["micro_batch"].get<std::int64_t>()));
      continue;
    }
    const double norm = expected["l2"][param.name];
    EXPECT_NEAR(state.tensors[i].detach().norm().item<double>(), norm, 1e-6 * norm) << param.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, TenSteps, ::testing::Range<std::size_t>(0, fixture()["cases"].size()),
                         [](const auto& row) {
                           return fixture()["cases"][row.param]["name"].template get<std::string>();
                         });

}  // namespace
}  // namespace springbok::train
