// Pixels counted: numbers by hand.
#include "springbok/metrics/pixel_tally.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/metrics/tally.h"
#include "tests/support/message_of.h"

namespace springbok::metrics {
namespace {

using springbok::testing::message_of;

const std::vector<std::uint8_t> kTruth{0, 0, 0, 1, 1, 255, 0, 255}, kPredicted{0, 0, 1, 1, 2, 2, 255, 0};

TEST(PixelTally, CountsOneConfusionMatrixAndIgnores255) {
  const PixelTally tally = count_pixels(kTruth, kPredicted, 4);
  EXPECT_EQ(tally.at(0, 0), 2);
  EXPECT_EQ(tally.at(0, 1), 1);
  EXPECT_EQ(tally.at(0, 4), 1);  // 255 is no class of a prediction
  EXPECT_EQ(tally.at(1, 2), 1);
  const PixelSummary seen = summary_of(tally);
  EXPECT_EQ(seen.intersection, (std::vector<std::int64_t>{2, 1, 0, 0}));
  EXPECT_EQ(seen.united, (std::vector<std::int64_t>{4, 3, 1, 0}));
  EXPECT_EQ(seen.unseen, (std::vector<std::int64_t>{3}));
  EXPECT_DOUBLE_EQ(seen.mean_iou, (0.5 + 1.0 / 3) / 3);
  EXPECT_DOUBLE_EQ(summary_of(tally, IouForm::truth).mean_iou, (0.5 + 1.0 / 3) / 2);
  EXPECT_NEAR(summary_of(tally, IouForm::elastic).mean_iou, (0.5 + 1.0 / 3) / 4, 1e-10);
  EXPECT_DOUBLE_EQ(seen.accuracy, 0.5);
  EXPECT_DOUBLE_EQ(seen.mean_accuracy, 0.5);
  EXPECT_DOUBLE_EQ(seen.frequency_weighted_iou, (4 * 0.5 + 2.0 / 3) / 6);
}

TEST(PixelTally, AddsInAnySplitAndComesBackFromJson) {
  PixelTally sum;
  for (std::size_t i = 0; i < kTruth.size(); ++i) {
    sum += count_pixels(std::span(kTruth).subspan(i, 1), std::span(kPredicted).subspan(i, 1), 4);
  }
  EXPECT_EQ(sum, count_pixels(kTruth, kPredicted, 4));
  sum.samples = 2;
  EXPECT_EQ(pixel_tally_from_json(to_json(sum), "x"), sum);
  EXPECT_EQ(metrics_of(sum)[1].key, "mIoU");
  EXPECT_EQ(summary_of(PixelTally{}).mean_iou, 0);  // of nothing
  auto json = to_json(sum);
  json["pixels"][0].erase(0);
  EXPECT_EQ(message_of<Error>([&] { pixel_tally_from_json(json, "x"); }),
            "x: its 'pixels' must be 4 lists of 5 counts; it is damaged");
  EXPECT_EQ(message_of<Error>([&] { sum += count_pixels(kTruth, kPredicted, 3); }),
            "tallies of 4 and of 3 classes cannot be added");
  EXPECT_EQ(message_of<Error>([] { count_pixels(kTruth, kPredicted, 1); }),
            "a mask has a pixel of class 1, there are 1 classes");
}

}  // namespace
}  // namespace springbok::metrics
