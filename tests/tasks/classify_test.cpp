// The loss and the rankings equal PyTorch's, ties included (fixtures/make_classify.py).
#include "springbok/tasks/classify.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "springbok/base/error.h"
#include "tests/support/message_of.h"

namespace springbok::tasks {
namespace {

class Classify : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream(SPRINGBOK_SOURCE_DIR "/tests/tasks/fixtures/classify.json") >> fixture_;
    targets_ = fixture_["targets"].get<std::vector<std::int64_t>>();
    logits_ = at::tensor(fixture_["logits"].get<std::vector<double>>(), at::kDouble).reshape({6, 7});
  }

  nlohmann::json fixture_;
  std::vector<std::int64_t> targets_;
  at::Tensor logits_;
};

TEST_F(Classify, LossAndGradientEqualPyTorchsWithAndWithoutSmoothing) {
  for (const auto& row : fixture_["losses"]) {
    const at::Tensor leaf = logits_.clone().requires_grad_();
    const at::Tensor loss = cross_entropy_sum(leaf, target_tensor(targets_), row["smoothing"]);
    loss.backward();
    EXPECT_NEAR(loss.item<double>(), row["loss"].get<double>(), 1e-12);
    const auto expected = at::tensor(row["gradient"].get<std::vector<double>>(), at::kDouble).reshape({6, 7});
    EXPECT_LT(at::sub(leaf.grad(), expected).abs().max().item<double>(), 1e-14) << row["smoothing"];
  }
}

TEST_F(Classify, FloatLossIsTheDoubleOneRounded) {
  const auto loss = cross_entropy_sum(logits_.to(at::kFloat), target_tensor(targets_), 0.1);
  EXPECT_EQ(loss.scalar_type(), at::kFloat);
  EXPECT_NEAR(loss.item<double>(), fixture_["losses"][1]["loss"].get<double>(), 1e-5);
}

// PyTorch's cross-entropy takes distributions as targets: those of mixed one-hot targets.
TEST_F(Classify, MixedTargetsEqualPyTorchsLossOfDistributions) {
  std::vector<std::int64_t> partners = targets_;
  std::rotate(partners.begin(), partners.end() - 1, partners.end());
  const at::Tensor own = at::one_hot(target_tensor(targets_), 7), other = at::one_hot(target_tensor(partners), 7);
  for (const double share : {0.0, 0.25, 0.7, 1.0}) {
    for (const double smoothing : {0.0, 0.1}) {
      const at::Tensor soft = at::add(at::mul(own.to(at::kDouble), share), at::mul(other.to(at::kDouble), 1 - share));
      const at::Tensor expected = at::cross_entropy_loss(logits_, soft, {}, at::Reduction::Sum, -100, smoothing);
      const MixedTargets mixed{.targets = targets_, .partners = partners, .share = share};
      EXPECT_NEAR(cross_entropy_sum(logits_, mixed, smoothing).item<double>(), expected.item<double>(), 1e-12);
      EXPECT_EQ(mixed.main(), share >= 0.5 ? targets_ : partners);
    }
  }
}

/// Images that are mixed apart: timm's soft targets and its loss (tests/data/fixtures/make_timm.py).
TEST_F(Classify, SharesOfEachImageEqualTimms) {
  nlohmann::json timm;
  std::ifstream(SPRINGBOK_SOURCE_DIR "/tests/data/fixtures/timm_rand.json") >> timm;
  std::vector<double> numbers;
  for (int i = 0; i < 60; ++i) numbers.push_back(std::sin(1.3 * i));
  const at::Tensor logits = at::tensor(numbers, at::kDouble).reshape({6, 10});
  const std::vector<std::int64_t> own{0, 1, 2, 3, 4, 5}, others{5, 4, 3, 2, 1, 0};
  int rows = 0;
  for (const auto& row : timm["rows"]) {
    if (row["kind"] != "mixup") continue;
    ++rows;
    std::vector<double> shares(6, 1);
    for (std::size_t i = 0; i < row["each"].size(); ++i) {
      shares[i] = row["each"][i]["share"];
      if (row["mode"] == "pair") shares[5 - i] = shares[i];
    }
    const MixedTargets mixed{.targets = own, .partners = others, .shares = shares};
    const at::Tensor expected = at::tensor(row["targets"].get<std::vector<double>>(), at::kDouble).reshape({6, 10});
    EXPECT_LT(at::sub(soft_targets(logits, mixed, {.share = 0.1}), expected).abs().max().item<double>(), 1e-6);
    EXPECT_NEAR(cross_entropy_sum(logits, mixed, 0.1).item<double>(), row["loss"].get<double>(), 1e-4);
    for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(mixed.main()[i], shares[i] >= 0.5 ? own[i] : others[i]);
  }
  EXPECT_EQ(rows, 8);
}

TEST_F(Classify, BestClassesAndProbabilitiesEqualTorchTopk) {
  const Best best = best_classes(logits_, 3);
  EXPECT_EQ(best.classes, fixture_["best3"].get<std::vector<std::int64_t>>());
  const auto expected = fixture_["probabilities"].get<std::vector<double>>();
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(best.probabilities[i], expected[i], 1e-15);
}

TEST_F(Classify, HitsEqualTorchTopk) {
  for (std::int64_t i = 0; i < 6; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const metrics::ClassTally sums = sums_of(logits_.narrow(0, i, 1), std::span(targets_).subspan(at, 1), 0.5);
    EXPECT_EQ(sums.top1, fixture_["top1"][at].get<bool>() ? 1 : 0) << "row " << i;
    EXPECT_EQ(sums.top5, fixture_["top5"][at].get<bool>() ? 1 : 0) << "row " << i;
  }
}

TEST_F(Classify, FewerThanFiveClassesAreAllAmongTheBestFive) {
  const std::vector<std::int64_t> targets = {2, 0};
  const metrics::ClassTally sums =
      sums_of(at::tensor({3.0, 2.0, 1.0, 1.0, 2.0, 3.0}, at::kDouble).reshape({2, 3}), targets, 0);
  EXPECT_EQ(sums.top1, 0);
  EXPECT_EQ(sums.top5, 2);
}

TEST_F(Classify, ScoresThatAreNoNumbersAreNeverRight) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const std::vector<std::int64_t> targets = {0, 0, 2, 1};
  const at::Tensor logits =
      at::tensor({nan, 1.0, 2.0, 3.0, nan, 2.0, 1.0, 2.0, inf, 1.0, 3.0, 2.0}, at::kDouble).reshape({4, 3});
  EXPECT_EQ(sums_of(logits, targets, 0).top1, 1);
  EXPECT_EQ(sums_of(logits, targets, 0).top5, 1);
  const Best best = best_classes(logits, 5);
  EXPECT_EQ(first_not_finite(best), 0);
  EXPECT_EQ(sums_of(best, targets, 0).top5, 1);
  std::vector<metrics::ClassCount> counts(3);
  count_classes(best, targets, counts);
  EXPECT_EQ(counts[0].samples, 2);
  EXPECT_EQ(counts[0].top1 + counts[0].top5 + counts[0].predicted, 0);
  EXPECT_EQ(counts[1].top1, 1);
  EXPECT_EQ(first_not_finite(best_classes(logits.narrow(0, 3, 1), 5)), 1);
}

TEST_F(Classify, PerClassCountsAddUpToTheSums) {
  const Best best = best_classes(logits_, 5);
  std::vector<metrics::ClassCount> counts(7);
  count_classes(best, targets_, counts);
  const metrics::ClassTally sums = sums_of(best, targets_, 0);
  metrics::ClassCount total;
  for (const metrics::ClassCount& count : counts) {
    total.samples += count.samples;
    total.top1 += count.top1;
    total.top5 += count.top5;
    total.predicted += count.predicted;
  }
  EXPECT_EQ(total.samples, 6);
  EXPECT_EQ(total.predicted, 6);
  EXPECT_EQ(total.top1, sums.top1);
  EXPECT_EQ(total.top5, sums.top5);
  EXPECT_EQ(counts[3].samples, 2);
}

// A temporary list of targets does not compile: the tensor lies over its memory.
template <class Targets>
concept MakesTargets = requires(Targets&& targets) { target_tensor(std::forward<Targets>(targets)); };
static_assert(MakesTargets<std::vector<std::int64_t>&>);
static_assert(!MakesTargets<std::vector<std::int64_t>>);

TEST(Foreign, TargetsAndScoresThatCannotBeAreNamed) {
  const at::Tensor logits = at::zeros({2, 10});
  const auto loss = [&](std::vector<std::int64_t> targets, double smoothing = 0) {
    return springbok::testing::message_of<Error>([&] { cross_entropy_sum(logits, target_tensor(targets), smoothing); });
  };
  EXPECT_EQ(loss({1, 5000}), "a target is a class from 0 to 9, got 5000");
  EXPECT_EQ(loss({-1, 3}), "a target is a class from 0 to 9, got -1");
  EXPECT_EQ(loss({-100, 3}), "a target is a class from 0 to 9, got -100") << "PyTorch's index to ignore";
  EXPECT_EQ(loss({1}), "1 targets for 2 rows of logits");
  EXPECT_EQ(loss({1, 2}, 1.5), "label smoothing: must be between 0 and 1, got 1.5");
  const auto of = [&](const at::Tensor& scores) {
    return springbok::testing::message_of<Error>([&] { best_classes(scores, 5); });
  };
  EXPECT_EQ(of(logits.to(at::kLong)), "logits are (N,classes) of float or double, got 2 dimensions of Long");
  EXPECT_EQ(of(logits[0]), "logits are (N,classes) of float or double, got 1 dimensions of Float");
  EXPECT_EQ(springbok::testing::message_of<Error>([&] { best_classes(logits, 0); }), "one best class or more, not 0");
  EXPECT_EQ(springbok::testing::message_of<Error>([] { metrics::Confusion(3).add(0, 3); }),
            "a confusion matrix: class 3 is none of its 3");
  EXPECT_THROW(metrics::Confusion(0), Error);
  std::vector<metrics::ClassCount> counts(3);
  EXPECT_THROW(count_classes(best_classes(logits, 1), std::vector<std::int64_t>{0, 7}, counts), Error);
}

}  // namespace
}  // namespace springbok::tasks
