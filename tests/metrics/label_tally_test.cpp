// Labels counted and ranked: numbers by hand, and scikit-learn's.
#include "springbok/metrics/label_tally.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/metrics/label_metrics.h"
#include "springbok/metrics/tally.h"
#include "tests/support/message_of.h"

namespace springbok::metrics {
namespace {

using springbok::testing::message_of;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Four images of three classes; class 2 is absent, class 0 small in image 0 and of two sizes in image 2.
const LabelScores kScores{.classes = 3,
                          .scores = {1, -1, 2, -2, 3, -1, 0, 1, -1, 0.5F, -3, -4},
                          .labels = {kSmall, 0, 0, 0, kLarge, 0, kSmall | kMedium, kUnsized, 0, 0, kMedium, 0}};

LabelTally tally_of(const LabelScores& scores) {
  return {.samples = scores.images(), .loss = 2, .classes = count_above(scores, 0), .kept = scores};
}

TEST(LabelTally, CountsByClassAndSize) {
  const std::vector<LabelCount> counts = count_above(kScores, 0);
  EXPECT_EQ(counts[0], (LabelCount{.hits = 1,
                                   .false_alarms = 1,
                                   .misses = 1,  // a score of 0 is not above 0
                                   .hits_by_size = {1, 0, 0},
                                   .misses_by_size = {1, 1, 0}}));
  EXPECT_EQ(counts[1], (LabelCount{.hits = 2, .misses = 1, .hits_by_size = {0, 0, 1}, .misses_by_size = {0, 1, 0}}));
  EXPECT_EQ(counts[2], (LabelCount{.false_alarms = 1}));
}

TEST(LabelTally, FormsDifferInAbsentClassesAndInNothing) {
  const LabelSummary present = summary_of(count_above(kScores, 0)),
                     all = summary_of(count_above(kScores, 0), LabelForm::all);
  EXPECT_EQ(present.absent, (std::vector<std::int64_t>{2}));
  EXPECT_DOUBLE_EQ(present.mean.precision, 0.75);  // of 1/2 and 1
  EXPECT_DOUBLE_EQ(all.mean.precision, 0.5);
  EXPECT_DOUBLE_EQ(present.overall.recall, 3.0 / 5);
  EXPECT_DOUBLE_EQ(present.f1_of_means, 2 * 0.75 * (7.0 / 12) / (0.75 + 7.0 / 12));
  const std::vector<LabelCount> nothing = count_above(kScores, 100);
  EXPECT_EQ(summary_of(nothing, LabelForm::all).overall.precision, 0);
  EXPECT_TRUE(std::isnan(summary_of(nothing, LabelForm::elastic).overall.precision));
  EXPECT_EQ(summary_of(nothing, LabelForm::elastic).overall.recall, 0);
}

TEST(LabelTally, BestScoresBreakTiesToTheLowerClass) {
  const LabelScores tied{.classes = 3, .scores = {1, 1, 1, kNan, -1, -2}, .labels = {0, 0, 0, 1, 1, 1}};
  const std::vector<LabelCount> counts = count_best(tied, 2, -10);
  EXPECT_EQ(counts[0].false_alarms, 1);
  EXPECT_EQ(counts[1].false_alarms, 1);
  EXPECT_EQ(counts[2].false_alarms, 0);
  EXPECT_EQ(counts[0].hits, 0);  // no number is the last
  EXPECT_EQ(counts[1].hits + counts[2].hits, 2);
  EXPECT_EQ(count_best(tied, 2, 0)[1].hits, 0);
}

TEST(AveragePrecision, IsScikitLearnsAndVocsEnvelope) {
  const std::vector<float> scores{0.9F, 0.8F, 0.8F, 0.3F, 0.2F, 0.1F};
  const std::vector<bool> relevant{false, true, false, true, false, true};
  // sklearn.metrics.average_precision_score: recalls 0, 1/3, 2/3, 2/3, 1 with precisions 0, 1/3, 1/2, 2/5, 1/2.
  EXPECT_NEAR(average_precision(scores, relevant), (1.0 / 3 + 1.0 / 2 + 1.0 / 2) / 3, 1e-15);
  EXPECT_NEAR(average_precision(scores, relevant, PrecisionCurve::envelope), 0.5, 1e-15);
  EXPECT_EQ(average_precision(scores, std::vector<bool>(6)), 0);
}

TEST(LabelTally, AnySplitOfTheImagesGivesTheSame) {
  const LabelTally whole = tally_of(kScores);
  LabelTally sum;
  for (std::ptrdiff_t i = 0; i < 4; ++i) {
    sum += tally_of({.classes = 3,
                     .scores = {kScores.scores.begin() + 3 * i, kScores.scores.begin() + 3 * i + 3},
                     .labels = {kScores.labels.begin() + 3 * i, kScores.labels.begin() + 3 * i + 3}});
  }
  EXPECT_EQ(metrics_of(sum)[1], metrics_of(whole)[1]);
  EXPECT_EQ(sum.classes, whole.classes);
  EXPECT_EQ(sum.kept, whole.kept);
  sum += LabelTally{};
  EXPECT_EQ(sum.samples, 4);
  EXPECT_EQ(message_of<Error>([&] { sum += LabelTally{.classes = std::vector<LabelCount>(2)}; }),
            "tallies of 3 and of 2 classes cannot be added");
  EXPECT_EQ(message_of<Error>([&] { sum += LabelTally{.classes = std::vector<LabelCount>(3)}; }),
            "a tally with scores and one without cannot be added");
}

TEST(LabelTally, ComesBackFromJson) {
  LabelTally tally = tally_of(kScores);
  EXPECT_EQ(label_tally_from_json(to_json(tally), "x"), tally);
  EXPECT_EQ(value_of(metrics_of(tally), "mAP"), 100 * average_precisions(kScores).mean_present);
  tally.kept = {};
  EXPECT_EQ(label_tally_from_json(to_json(tally), "x"), tally);
  EXPECT_TRUE(std::isnan(value_of(metrics_of(tally), "mAP")));  // without scores there is none
  auto json = to_json(tally_of(kScores));
  json["labels"][1] = "009";
  EXPECT_EQ(message_of<Error>([&] { label_tally_from_json(json, "x"); }),
            "x: its 'labels' must be texts of 3 digits; it is damaged");
}

}  // namespace
}  // namespace springbok::metrics
