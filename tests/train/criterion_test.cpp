// The loss that a recipe names, with class weights and mixtures, equals PyTorch's and timm's
// (tests/tasks/fixtures/make_losses.py); a teacher's part is that of the formula.
#include "springbok/train/criterion.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "springbok/base/choice.h"
#include "springbok/graph/build.h"
#include "springbok/recipe/class_weights.h"
#include "springbok/train/optim/sgd.h"
#include "tests/support/message_of.h"
#include "tests/tasks/loss_fixture.h"
#include "tests/train/synthetic.h"

namespace springbok::train {
namespace {

using nlohmann::json;
using springbok::testing::message_of;

class Criterion : public tasks::LossFixture {
 protected:
  static recipe::LossSettings settings_of(const json& row) {
    recipe::LossSettings settings;
    settings.kind = find_choice<recipe::LossKind>(row["loss"], recipe::loss_kinds()).value();
    if (row["loss"] == "bce") {
      settings.bce_sum = row["sum"];
      if (!row["threshold"].is_null()) settings.bce_threshold = row["threshold"];
      if (!row["pos_weight"].is_null()) settings.bce_pos_weight = row["pos_weight"];
    }
    if (row["loss"] == "focal") {
      settings.focal_gamma = row["gamma"];
      settings.focal_alpha = row["alpha"];
    }
    if (row.contains("gamma_neg")) {
      settings.asymmetric_gamma_neg = row["gamma_neg"];
      settings.asymmetric_gamma_pos = row["gamma_pos"];
      settings.asymmetric_clip = row.value("clip", 0.0);
    }
    return settings;
  }
};

TEST_F(Criterion, EachLossOfARecipeIsThePeers) {
  int rows = 0;
  for (const json& row : fixture_["cases"]) {
    if (!row.contains("mixed")) continue;
    ++rows;
    std::vector<double> weights;
    if (row.contains("weights") && !row["weights"].is_null()) weights = row["weights"].get<std::vector<double>>();
    const Loss loss = loss_for(settings_of(row), row["smoothing"], weights);
    const double got = loss(logits_, mixed(row["mixed"])).item<double>() / 4, wanted = row["value"];
    EXPECT_NEAR(got, wanted, 1e-12 * std::max(1.0, std::abs(wanted))) << row;
  }
  EXPECT_EQ(rows, 92);
}

// torch-toolbox divides weighted losses by the images: without weights' sum, a row's loss times its weight.
TEST_F(Criterion, WeightedMeans) {
  const std::vector<double> weights{0.5, 1, 2, 0.25, 3};
  for (const recipe::LossKind kind : {recipe::LossKind::cross_entropy, recipe::LossKind::focal}) {
    recipe::LossSettings settings;
    settings.kind = kind;
    settings.weighted_mean = recipe::WeightedMean::images;
    double by_hand = 0, sum = 0;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      const double weight = weights[static_cast<std::size_t>(targets_[i])];
      const auto row = std::span(targets_).subspan(i, 1);
      by_hand +=
          weight *
          loss_for(settings, 0)(logits_.narrow(0, static_cast<std::int64_t>(i), 1), {.targets = row}).item<double>();
      sum += weight;
    }
    EXPECT_NEAR(loss_for(settings, 0, weights)(logits_, mixed(false)).item<double>(), by_hand, 1e-10);
    settings.weighted_mean = recipe::WeightedMean::weights;
    EXPECT_NEAR(loss_for(settings, 0, weights)(logits_, mixed(false)).item<double>(), by_hand / sum * 4, 1e-10);
  }
}

TEST_F(Criterion, WeightsOfClasses) {
  const std::vector<std::int64_t> samples{1, 3, 0, 4};
  recipe::LossSettings settings;
  EXPECT_TRUE(recipe::class_weights(settings, samples).empty());
  settings.class_weights = "balanced";  // scikit-learn's, of those that are there
  EXPECT_EQ(recipe::class_weights(settings, samples), (std::vector<double>{8.0 / 3, 8.0 / 9, 1, 8.0 / 12}));
  settings.class_weights = "effective:0.5";
  const std::vector<double> effective = recipe::class_weights(settings, samples);
  EXPECT_NEAR(effective[0] + effective[1] + effective[2] + effective[3], 4, 1e-12);
  EXPECT_NEAR(effective[1] / effective[0], 0.5 / (1 - 0.125), 1e-12);
  settings.class_weights = "0,0,0,0";
  EXPECT_EQ(message_of<UsageError>([&] { recipe::class_weights(settings, samples); }),
            "--class-weights: all weights are 0: nothing would be learnt");
}

/// One linear layer over the mean of each channel.
graph::Graph linear_network() {
  graph::Graph network;
  const graph::Scope root{&network, ""};
  graph::output(graph::linear(root / "fc", graph::flatten(graph::global_pool(graph::input(network, 2))), {.out = 3}));
  return network;
}

TEST_F(Criterion, ATeachersPartIsThatOfTheFormula) {
  const at::Tensor teacher = at::tensor({1.0, -2.0, 0.5, 0.0, 3.0, 1.0}, at::kFloat).reshape({2, 3});
  const at::Tensor input = at::ones({2, 2, 1, 1});
  const std::vector<std::int64_t> labels{2, 0};
  Learner learner(linear_network(), 1);
  learner.optimizer = std::make_unique<Sgd>(learner.graph, learner.state, recipe::OptimizerSettings{});
  Stepper plain(learner, {});
  const double own = plain.add(input, labels, 2).mean_loss();
  plain.abandon();
  Stepper taught(learner, {.distillation = {.teacher = [&](const at::Tensor&) { return teacher; },
                                            .alpha = 0.75,
                                            .options = {.temperature = 2}}});
  const double both = taught.add(input, labels, 2).mean_loss();
  const at::NoGradGuard no_grad;
  const at::Tensor logits = taught.executor().forward(learner.state, input, {});
  const at::Tensor p = at::softmax(at::div(teacher, 2), 1), q = at::softmax(at::div(logits, 2), 1);
  const double divergence = at::mul(p, at::log(at::div(p, q))).sum().item<double>() / 2 * 4;
  EXPECT_NEAR(both, 0.25 * own + 0.75 * divergence, 1e-5);
}

}  // namespace
}  // namespace springbok::train
