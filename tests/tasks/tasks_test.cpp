// Losses of labels and pixels equal PyTorch's, and what batches add to their tallies (fixtures/make_tasks.py).
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/tasks/finite.h"
#include "springbok/tasks/multilabel.h"
#include "springbok/tasks/segment.h"
#include "tests/support/message_of.h"

namespace springbok::tasks {
namespace {

using springbok::testing::message_of;

class Tasks : public ::testing::Test {
 protected:
  void SetUp() override { std::ifstream(SPRINGBOK_SOURCE_DIR "/tests/tasks/fixtures/tasks.json") >> fixture_; }

  at::Tensor numbers(const char* key, at::IntArrayRef shape) const {
    return at::tensor(fixture_[key].get<std::vector<double>>(), at::kDouble).reshape(shape);
  }

  nlohmann::json fixture_;
};

/// Also where infinities cancel, and where the sum of finite values is none.
TEST(Finite, IsToldOfAllValues) {
  constexpr float kLargest = std::numeric_limits<float>::max(), kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(all_finite(at::tensor({1.0F, -2.0F})));
  EXPECT_TRUE(all_finite(at::tensor({kLargest, kLargest, kLargest})));
  EXPECT_TRUE(all_finite(at::empty({0})));
  EXPECT_TRUE(all_finite(at::tensor({3}, at::kLong)));
  EXPECT_FALSE(all_finite(at::tensor({1.0F, kInfinity, -kInfinity})));
  EXPECT_FALSE(all_finite(at::tensor({1.0F, -kInfinity})));
  EXPECT_FALSE(all_finite(at::tensor({std::numeric_limits<float>::quiet_NaN(), 1.0F})));
}

TEST_F(Tasks, LabelLossAndGradientAreTheMeanTimesTheScale) {
  const at::Tensor logits = numbers("logits", {3, 5}).set_requires_grad(true);
  const at::Tensor labels = numbers("labels", {3, 5}).to(at::kByte);
  const at::Tensor loss = label_loss_sum(logits, labels, 80);
  loss.backward();
  EXPECT_NEAR(loss.item<double>(), 3 * 80 * fixture_["label_loss"].get<double>(), 1e-11);
  EXPECT_LT(at::sub(logits.grad(), numbers("label_gradient", {3, 5}).mul(3 * 80)).abs().max().item<double>(), 1e-13);
}

TEST_F(Tasks, LabelTalliesKeepScoresWhereAsked) {
  const at::Tensor logits = numbers("logits", {3, 5}), labels = numbers("labels", {3, 5}).to(at::kByte);
  const metrics::LabelTally kept = label_tally(logits, labels, 2, true), plain = label_tally(logits, labels, 2, false);
  EXPECT_EQ(kept.samples, 3);
  EXPECT_EQ(kept.classes, plain.classes);
  EXPECT_EQ(kept.kept.labels[2], kLarge);
  EXPECT_EQ(kept.kept.scores[7], logits[1][2].item<float>());
  EXPECT_EQ(plain.kept.classes, 0);
  EXPECT_EQ(message_of<Error>([&] { label_tally(logits, labels.narrow(1, 0, 4), 0, false); }),
            "labels of shape 3 x 4 do not fit logits of 3 x 5");
}

TEST_F(Tasks, PixelLossIsTheMeanOfWhatCounts) {
  const at::Tensor scores = numbers("scores", {2, 4, 3, 2}).set_requires_grad(true);
  const at::Tensor masks = numbers("masks", {2, 3, 2}).to(at::kByte);
  const at::Tensor loss = pixel_loss_sum(scores, masks);
  loss.backward();
  EXPECT_NEAR(loss.item<double>(), 2 * fixture_["pixel_loss"].get<double>(), 1e-12);
  EXPECT_LT(at::sub(scores.grad(), numbers("pixel_gradient", {2, 4, 3, 2}).mul(2)).abs().max().item<double>(), 1e-14);
}

TEST_F(Tasks, ABatchOfIgnoredPixelsHasNoLossAndNoGradient) {
  const at::Tensor scores = numbers("scores", {2, 4, 3, 2}).set_requires_grad(true);
  const at::Tensor loss = pixel_loss_sum(scores, at::full({2, 3, 2}, 255, at::kByte));
  loss.backward();
  EXPECT_EQ(loss.item<double>(), 0);
  EXPECT_EQ(scores.grad().abs().max().item<double>(), 0);
}

TEST_F(Tasks, PredictedMasksAreTheFirstOfTheLargestScores) {
  at::Tensor scores = numbers("scores", {2, 4, 3, 2});
  const at::Tensor predicted = predicted_masks(scores);
  EXPECT_TRUE(at::equal(predicted.to(at::kDouble), numbers("predicted", {2, 3, 2})));
  scores[0][2][1][1] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(predicted_masks(scores)[0][1][1].item<int>(), 255);
  const at::Tensor masks = numbers("masks", {2, 3, 2}).to(at::kByte);
  const metrics::PixelTally tally = pixel_tally(scores, masks, 1);
  EXPECT_EQ(tally.samples, 2);
  EXPECT_EQ(tally.at(1, 4), 1);  // what has no class is never right
  EXPECT_EQ(message_of<Error>([&] { pixel_loss(scores.narrow(1, 0, 3), masks); }),
            "a mask has a pixel of class 3, there are 3 classes");
  EXPECT_EQ(message_of<Error>([&] { pixel_loss(scores, masks.narrow(1, 0, 2)); }),
            "masks of shape 2 x 2 x 2 do not fit scores of 2 x 4 x 3 x 2");
}

}  // namespace
}  // namespace springbok::tasks
