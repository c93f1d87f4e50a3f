// Loss scaling: torch.amp.GradScaler's numbers step by step (fixtures/make_loss_scaler.py), and inside the step.
#include "springbok/train/optim/loss_scaler.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/graph/build.h"
#include "springbok/train/optim/sgd.h"
#include "springbok/train/stepper.h"
#include "tests/golden/golden.h"
#include "tests/support/message_of.h"

namespace springbok::train {
namespace {

using Json = nlohmann::json;
using springbok::testing::message_of;

Json fixture() {
  Json json;
  std::ifstream(SPRINGBOK_SOURCE_DIR "/tests/train/fixtures/loss_scaler.json") >> json;
  return json;
}

std::vector<float> numbers(const Json& list) {
  std::vector<float> values;
  for (const Json& each : list) {
    values.push_back(each.is_number() ? each.get<float>() : std::stof(each.get<std::string>()));
  }
  return values;
}

/// Equal, and NaN where the other is.
void expect_equal(const at::Tensor& got, const std::vector<float>& wanted) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const float value = got.const_data_ptr<float>()[i];
    EXPECT_TRUE(value == wanted[i] || (std::isnan(value) && std::isnan(wanted[i]))) << value << " " << wanted[i];
  }
}

TEST(LossScaler, EqualsGradScalerStepByStep) {
  for (const Json& c : fixture()["cases"]) {
    LossScaler scaler({.init = c["init"], .growth = c["growth"], .backoff = c["backoff"], .interval = c["interval"]});
    for (const Json& step : c["steps"]) {
      const at::Tensor gradient = at::tensor(numbers(step["given"]));
      const bool finite = scaler.unscale({gradient});
      expect_equal(gradient, numbers(step["unscaled"]));
      EXPECT_EQ(scaler.update(finite), step["moved"].get<bool>());
      EXPECT_EQ(scaler.scale(), step["scale"].get<double>());
      EXPECT_EQ(*tensors::find_as<std::int64_t>(scaler.save(), "_growth_tracker"), step["tracker"].get<std::int64_t>());
    }
    EXPECT_EQ(scaler.skipped(), static_cast<std::int64_t>(c["bad"].size()));
    for (const auto& [key, value] : c["state"].items()) {
      if (key == "_growth_tracker" || key == "growth_interval") continue;
      EXPECT_EQ(*tensors::find_as<double>(scaler.save(), key), value.get<double>()) << key;
    }
  }
}

/// conv, norm, global pooling: (N,2,H,W) -> (N,3).
graph::Graph pooled_graph() {
  graph::Graph graph;
  const graph::Scope root{&graph, ""};
  const graph::Value x = graph::conv(root / "conv", graph::input(graph, 2), {.out = 3});
  graph::output(graph::flatten(graph::global_pool(graph::relu(graph::norm(root / "bn", x)))));
  return graph;
}

/// A small network whose gradients overflow where the loss is so large.
struct Scaled {
  Scaled(const recipe::LossScaleSettings& settings, double factor) {
    learner.optimizer = std::make_unique<Sgd>(learner.graph, learner.state, OptimizerSettings{});
    if (settings.rule != "none") learner.scaler.emplace(settings);
    stepper = std::make_unique<Stepper>(
        learner, StepperSettings{.loss = [factor](const at::Tensor& y, const tasks::MixedTargets&) {
          return at::sum(at::mul(y, golden::fill("__target__", y.sizes().vec()).to(at::kFloat))).mul(factor);
        }});
  }
  Stepper::Update step() {
    const at::Tensor x = golden::fill("__input__", {4, 2, 3, 3}).to(at::kFloat);
    stepper->add(x, std::vector<std::int64_t>(4), 4);
    return stepper->update();
  }
  at::Tensor weight() const { return learner.state.tensors[0].detach().clone(); }

  Learner learner{pooled_graph(), 1};
  std::unique_ptr<Stepper> stepper;
};

TEST(LossScale, APowerOfTwoChangesNoBit) {
  Scaled plain({.rule = "none"}, 1), scaled({.rule = "dynamic", .init = 1024}, 1);
  for (int i = 0; i < 3; ++i) {
    plain.step();
    EXPECT_TRUE(scaled.step().made);
  }
  EXPECT_TRUE(plain.weight().equal(scaled.weight()));
}

TEST(LossScale, AnOverflowLeavesTheStepOutAndCounts) {
  Scaled scaled({.rule = "dynamic", .init = 0x1p126}, 1000);
  const at::Tensor before = scaled.weight();
  EXPECT_FALSE(scaled.step().made);
  EXPECT_TRUE(scaled.weight().equal(before));
  EXPECT_EQ(scaled.learner.scaler->scale(), 0x1p125);
  EXPECT_EQ(scaled.learner.scaler->skipped(), 1);
  EXPECT_EQ(scaled.stepper->step(), 1);
  int more = 0;
  while (!scaled.step().made) ++more;
  EXPECT_GT(more, 1);
  EXPECT_EQ(scaled.learner.scaler->skipped(), 1 + more);
  EXPECT_FALSE(scaled.weight().equal(before));
}

TEST(LossScale, GradientsThatAreNeverFiniteAreNotOverflow) {
  Scaled scaled({.rule = "dynamic"}, 1);
  scaled.learner.state.tensors[0].register_hook([](const at::Tensor& g) { return g.mul(NAN); });
  EXPECT_EQ(message_of<NotFinite>([&] {
              for (int i = 0; i < 100; ++i) scaled.step();
            }),
            "step 31: gradients overflow down to a loss scale of 3.05e-05; first layer of the backward pass whose "
            "gradient is not finite: conv.weight");
}

/// Elastic's --static-loss-scale: the gradient keeps the factor.
TEST(LossScale, AKeptScaleIsAFactorOfTheGradient) {
  Scaled plain({.rule = "none"}, 8);
  Scaled kept(recipe::scaler_settings({.rule = "8", .kept = true}, Precision::fp32), 1);
  Scaled divided(recipe::scaler_settings({.rule = "8"}, Precision::fp32), 1);
  const at::Tensor before = plain.weight();
  for (Scaled* each : {&plain, &kept, &divided}) each->step();
  EXPECT_TRUE(plain.weight().equal(kept.weight()));
  EXPECT_FALSE(plain.weight().equal(divided.weight()));
  EXPECT_EQ(kept.learner.scaler->scale(), 8);
}

}  // namespace
}  // namespace springbok::train
