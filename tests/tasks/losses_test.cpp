// Losses and their gradients equal those of PyTorch, torchvision, timm and of the papers' formulas
// (fixtures/make_losses.py).
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/tasks/asymmetric.h"
#include "springbok/tasks/binary_cross_entropy.h"
#include "springbok/tasks/cross_entropy.h"
#include "springbok/tasks/distil.h"
#include "springbok/tasks/embedding.h"
#include "springbok/tasks/focal.h"
#include "springbok/tasks/margin.h"
#include "tests/support/message_of.h"
#include "tests/tasks/loss_fixture.h"

namespace springbok::tasks {
namespace {

using nlohmann::json;
using springbok::testing::message_of;

at::Tensor labels(const json& list) {
  return at::tensor(list.get<std::vector<std::int64_t>>(), at::kLong);
}

class Losses : public LossFixture {
 protected:
  /// Compares what `loss_of(row, leaf)` gives for each row of that name; returns how many there are.
  template <class F>
  int compare(const std::string& name, const F& loss_of) {
    int rows = 0;
    for (const json& row : fixture_["cases"]) {
      if (row["loss"] != name) continue;
      ++rows;
      const at::Tensor leaf = logits_.clone().requires_grad_();
      const at::Tensor loss = loss_of(row, leaf);
      loss.backward();
      const double value = row["value"];
      EXPECT_NEAR(loss.item<double>(), value, 1e-12 * std::max(1.0, std::abs(value))) << row;
      const at::Tensor wanted = at::tensor(row["gradient"].get<std::vector<double>>(), at::kDouble).reshape_as(leaf);
      const double bound = 1e-12 * std::max(1.0, wanted.abs().max().item<double>());
      EXPECT_LT(at::sub(leaf.grad(), wanted).abs().max().item<double>(), bound) << row;
    }
    return rows;
  }
};

TEST_F(Losses, BinaryCrossEntropyIsTimms) {
  const int rows = compare("bce", [&](const json& row, const at::Tensor& x) {
    BinaryCrossEntropyOptions options{.sum_classes = row["sum"]};
    if (!row["threshold"].is_null()) options.threshold = row["threshold"];
    if (!row["pos_weight"].is_null()) options.pos_weight = row["pos_weight"];
    return binary_cross_entropy(x, soft_targets(x, mixed(row["mixed"]), {.share = row["smoothing"]}), options).mean();
  });
  EXPECT_EQ(rows, 48);
}

TEST_F(Losses, FocalIsTorchvisions) {
  const int rows = compare("focal", [&](const json& row, const at::Tensor& x) {
    return focal(x, soft_targets(x, mixed(row["mixed"]), {.share = row["smoothing"]}),
                 {.gamma = row["gamma"], .alpha = row["alpha"]})
        .mean();
  });
  EXPECT_EQ(rows, 12);
}

TEST_F(Losses, AsymmetricIsTimms) {
  int rows = compare("asymmetric", [&](const json& row, const at::Tensor& x) {
    return asymmetric(x, soft_targets(x, mixed(row["mixed"]), {.share = row["smoothing"]}),
                      {.gamma_neg = row["gamma_neg"], .gamma_pos = row["gamma_pos"], .clip = row["clip"]})
        .mean();
  });
  rows += compare("asymmetric_softmax", [&](const json& row, const at::Tensor& x) {
    return asymmetric_softmax(x, mixed(row["mixed"]), {.share = row["smoothing"]},
                              {.gamma_neg = row["gamma_neg"], .gamma_pos = row["gamma_pos"]})
        .mean();
  });
  EXPECT_EQ(rows, 24);
}

TEST_F(Losses, DistillationIsPyTorchsDivergence) {
  const at::Tensor teacher = matrix(fixture_["teacher"]);
  const int rows = compare("distil", [&](const json& row, const at::Tensor& x) {
    return distil_sum(x, teacher, {.temperature = row["temperature"]}).div(4);
  });
  EXPECT_EQ(rows, 2);
}

TEST_F(Losses, HeadsAndEmbeddingsAreThePapers) {
  const at::Tensor centers = matrix(fixture_["centers"]), targets = labels(fixture_["embedding_targets"]);
  int rows = compare("arc", [&](const json& row, const at::Tensor& x) {
    return cross_entropy_sum(arc_softmax(cosines(x, centers), targets, {.easy = row["easy"]}), targets).div(4);
  });
  rows += compare("l2_softmax", [&](const json& row, const at::Tensor& x) {
    return cross_entropy_sum(l2_softmax(x, centers, {.alpha = row["alpha"]}), targets).div(4);
  });
  rows += compare(
      "center", [&](const json& row, const at::Tensor& x) { return center_loss(x, centers, targets, row["weight"]); });
  rows += compare("ring", [&](const json& row, const at::Tensor& x) {
    return ring_loss(x, at::tensor({row["radius"].get<double>()}, at::kDouble), {.weight = row["weight"]});
  });
  rows += compare("circle", [&](const json& row, const at::Tensor& x) {
    return circle_loss(x, labels(row["targets"]), {.margin = row["margin"], .gamma = row["gamma"]});
  });
  EXPECT_EQ(rows, 6);
}

// torch-toolbox spreads s over C - 1 classes: PyTorch's smoothing s C / (C - 1), where that is at most 1.
TEST_F(Losses, TheToolboxsSmoothingIsPyTorchsOfAnotherShare) {
  const CrossEntropyOptions toolbox{.smoothing = {.share = 0.1, .toolbox = true}};
  const MixedTargets one{.targets = targets_};
  EXPECT_NEAR(cross_entropy_sum(logits_, one, toolbox).item<double>(),
              cross_entropy_sum(logits_, one, 0.1 * 5 / 4).item<double>(), 1e-12);
  const CrossEntropyOptions most{.smoothing = {.share = 1, .toolbox = true}};
  EXPECT_TRUE(std::isfinite(cross_entropy_sum(logits_, one, most).item<double>()));
  const Smoothing paper{.share = 0.1}, other{.share = 0.1, .toolbox = true};
  EXPECT_DOUBLE_EQ(paper.on(5) + 4 * paper.off(5), 1);
  EXPECT_DOUBLE_EQ(other.on(5) + 4 * other.off(5), 1);
  EXPECT_DOUBLE_EQ(other.on(5), 0.9);
}

// Where a score says all, the slope of (1 - p)^gamma is infinite for gamma below 1; the loss there is 0.
TEST_F(Losses, FocalHasFiniteGradientsAtSaturatedScores) {
  const at::Tensor x = at::tensor({1000.0, -1000.0}, at::kDouble).reshape({1, 2}).requires_grad_();
  const at::Tensor soft = at::tensor({1.0, 0.0}, at::kDouble).reshape({1, 2});
  focal(x, soft, {.gamma = 0.5}).sum().backward();
  EXPECT_EQ(x.grad().abs().max().item<double>(), 0);
}

TEST_F(Losses, RefuseWhatDoesNotFit) {
  const std::vector<std::int64_t> wrong{3, 1, 5, 0}, few{1};
  EXPECT_EQ(message_of<Error>([&] { soft_targets(logits_, {.targets = wrong}); }),
            "a target is a class from 0 to 4, got 5");
  EXPECT_EQ(message_of<Error>([&] { soft_targets(logits_, {.targets = few}); }), "1 targets for 4 rows of logits");
  EXPECT_EQ(message_of<Error>([&] { soft_targets(logits_, {.targets = targets_}, {.share = 2}); }),
            "label smoothing: must be between 0 and 1, got 2");
  EXPECT_EQ(message_of<Error>([&] { focal(logits_, logits_.narrow(1, 0, 2)); }),
            "soft targets have the shape of the logits");
  EXPECT_EQ(message_of<Error>([&] { row_weights(logits_, {.targets = targets_}, at::ones({3})); }),
            "class weights: 3 for 5 classes");
  EXPECT_EQ(message_of<Error>([&] { distil_sum(logits_, logits_, {.temperature = 0}); }),
            "distillation: the temperature must be above 0, got 0");
  EXPECT_EQ(message_of<Error>([&] { distil_sum(logits_, logits_.narrow(1, 0, 2)); }),
            "distillation: the teacher's logits have another shape than the student's");
}

}  // namespace
}  // namespace springbok::tasks
