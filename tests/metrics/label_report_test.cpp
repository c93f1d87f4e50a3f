// Reports of labels: the numbers are scikit-learn's, torchmetrics' and SciPy's (fixtures/make_labels.py).
#include "springbok/metrics/label_report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "tests/support/message_of.h"

namespace springbok::metrics {
namespace {

using nlohmann::json;
using springbok::testing::message_of;

constexpr double kDouble = 1e-12, kSingle = 2e-6;

class LabelReports : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream(SPRINGBOK_SOURCE_DIR "/tests/metrics/fixtures/labels.json") >> said_;
    scores_ = {.classes = said_["classes"], .scores = said_["logits"].get<std::vector<float>>()};
    for (const json& row : said_["sizes"]) {
      for (const char digit : row.get<std::string>()) scores_.labels.push_back(static_cast<std::uint8_t>(digit - '0'));
    }
  }

  LabelTally tally() const { return tally_of(scores_); }
  static LabelTally tally_of(const LabelScores& scores) {
    return {.samples = scores.images(), .loss = 3, .classes = count_above(scores, 0), .kept = scores};
  }
  /// Without intervals, which take longest.
  static LabelReportSettings quick(double threshold = 0.5) {
    return {.threshold = threshold, .bootstrap = {.resamples = 0}};
  }
  static void expect_shares(const LabelSummary& summary, const json& said) {
    const json& macro = said["macro"];
    EXPECT_NEAR(summary.mean.precision, macro[0], kDouble);
    EXPECT_NEAR(summary.mean.recall, macro[1], kDouble);
    EXPECT_NEAR(summary.mean.f1, macro[2], kDouble);
    EXPECT_NEAR(summary.f1_of_means, said["f1_of_means"], kDouble);
    EXPECT_NEAR(summary.overall.precision, said["micro"][0], kDouble);
    EXPECT_NEAR(summary.overall.recall, said["micro"][1], kDouble);
    EXPECT_NEAR(summary.overall.f1, said["micro"][2], kDouble);
  }

  json said_;
  LabelScores scores_;
};

TEST_F(LabelReports, SharesArePublishedOnes) {
  const LabelReport report = report_of(tally(), quick());
  expect_shares(report.at_threshold, said_["present"]);
  expect_shares(report.all_classes, said_["all"]);
  expect_shares(report.best_three, said_["top3"]);
  EXPECT_NEAR(report.all_classes.mean.f1, said_["torchmetrics"]["f1_macro"], kSingle);
  EXPECT_NEAR(report.all_classes.overall.f1, said_["torchmetrics"]["f1_micro"], kSingle);
  for (std::size_t size = 0; size < kSizes; ++size) {
    EXPECT_NEAR(report.at_threshold.recall_by_size[size], said_["recall_by_size"][size][1], kDouble);
  }
}

TEST_F(LabelReports, AveragePrecisionsArePublishedOnes) {
  const LabelReport report = report_of(tally(), quick());
  for (std::size_t c = 0; c < 8; ++c) {
    EXPECT_NEAR(report.raw.by_class[c], said_["ap"][c], kDouble) << c;
    EXPECT_NEAR(report.envelope.by_class[c], said_["envelope"][c], kDouble) << c;
  }
  EXPECT_EQ(report.raw.absent, (std::vector<std::int64_t>{said_["absent"]}));
  EXPECT_NEAR(report.raw.mean_all, said_["torchmetrics"]["map_macro"], kSingle);
}

TEST_F(LabelReports, BestThresholdsReachTheBestOfAllCuts) {
  const BestThresholds best = best_thresholds(scores_);
  EXPECT_NEAR(best.overall.f1, said_["best"]["overall"], kDouble);
  EXPECT_NEAR(best.mean.f1, said_["best"]["mean"], kDouble);
  double sum = 0;
  for (std::size_t c = 0; c < 8; ++c) {
    EXPECT_NEAR(best.by_class[c].f1, said_["best"]["by_class"][c], kDouble) << c;
    sum += best.by_class[c].f1;
  }
  EXPECT_NEAR(best.mean_of_classes, sum / 7, kDouble);
  // Asked for by its probability, a threshold gives what was promised.
  EXPECT_NEAR(report_of(tally(), quick(best.overall.probability)).at_threshold.overall.f1, best.overall.f1, kDouble);
  EXPECT_NEAR(report_of(tally(), quick(best.mean.probability)).at_threshold.mean.f1, best.mean.f1, kDouble);
  EXPECT_EQ(best_thresholds({.classes = 1, .scores = {1, 2}, .labels = {0, 0}}).overall, Threshold{});
}

TEST_F(LabelReports, SweepsAreSharesAtEachThreshold) {
  for (const json& said : said_["sweep"]) {
    const std::vector<double> one{said["probability"]};
    expect_shares(sweep(scores_, one).front().summary, said);
  }
  EXPECT_EQ(logit_of(0.5), 0);
  EXPECT_EQ(message_of<Error>([&] { sweep(scores_, std::vector<double>{1.5}); }),
            "a threshold of 1.5: between 0 and 1");
}

TEST_F(LabelReports, IntervalsAreSciPysAndDependOnTheSeedAlone) {
  const LabelReportSettings settings{.bootstrap = {.resamples = 4000, .seed = 1, .threads = 2}};
  const LabelReport report = report_of(tally(), settings);
  ASSERT_EQ(report.intervals[0].first, "mAP");
  ASSERT_EQ(report.intervals[6].first, "F_O");
  constexpr double kDrawn = 0.006;  // other random numbers, a tenth of the width
  for (const std::size_t i : {std::size_t{0}, std::size_t{6}}) {
    const json& said = said_["intervals"][report.intervals[i].first];
    EXPECT_NEAR(report.intervals[i].second->low, said[0], kDrawn);
    EXPECT_NEAR(report.intervals[i].second->high, said[1], kDrawn);
  }
  EXPECT_EQ(report.precision_intervals[5], std::nullopt);  // of a class that no image has
  LabelReportSettings other = settings;
  other.bootstrap.threads = 1;
  EXPECT_EQ(report_of(tally(), other).intervals, report.intervals);
  other.bootstrap.seed = 2;
  EXPECT_NE(report_of(tally(), other).intervals, report.intervals);
}

TEST_F(LabelReports, AResampleIsTheSetOfItsImages) {
  const std::vector<std::int32_t> times = drawn_times(scores_.images(), 9, 0);
  LabelScores set{.classes = scores_.classes};
  for (std::size_t i = 0; i < times.size(); ++i) {
    for (std::int32_t t = 0; t < times[i]; ++t) {
      for (std::size_t cell = 8 * i; cell < 8 * i + 8; ++cell) {
        set.scores.push_back(scores_.scores[cell]);
        set.labels.push_back(scores_.labels[cell]);
      }
    }
  }
  EXPECT_EQ(set.images(), scores_.images());
  const LabelReport one = report_of(tally(), {.threshold = 0.4, .bootstrap = {.resamples = 1, .seed = 9}}),
                    whole = report_of(tally_of(set), quick(0.4));
  EXPECT_NEAR(one.intervals[0].second->low, whole.raw.mean_present, kDouble);
  EXPECT_NEAR(one.intervals[0].second->high, whole.raw.mean_present, kDouble);
  EXPECT_NEAR(one.intervals[3].second->low, whole.at_threshold.mean.f1, kDouble);
  EXPECT_NEAR(one.precision_intervals[0]->low, whole.raw.by_class[0], kDouble);
}

TEST_F(LabelReports, SayWhichClassesAreAbsentOrNeverPredicted) {
  const std::vector<std::string> names{"a", "b", "c", "d", "e", "f", "g", "h"};
  const LabelReport report = report_of(tally(), quick());
  const auto written = to_json(report, names, true);
  EXPECT_EQ(written["absent"], nlohmann::ordered_json::array({"f"}));
  EXPECT_EQ(written["never_predicted"], nlohmann::ordered_json::array({"g"}));
  EXPECT_EQ(written["classes"][0]["class"], "a");  // the best first, absent ones last
  EXPECT_EQ(written["classes"][7]["class"], "f");
  EXPECT_TRUE(written["classes"][7]["AP_raw"].is_null());
  EXPECT_EQ(written["mAP"], written["mAP_raw"]);
  EXPECT_EQ(written["sweep"].size(), 19U);
  const std::string text = to_text(report, names, true);
  EXPECT_NE(text.find("no image has, and no mean counts: f\n"), std::string::npos);
  EXPECT_NE(text.find("never predicted, and 0 in the means: g\n"), std::string::npos);
  EXPECT_EQ(text.find("nan"), std::string::npos);
  LabelTally counts = tally();
  counts.kept = {};
  EXPECT_EQ(message_of<Error>([&] { report_of(counts, quick()); }),
            "a report of labels needs their scores, and this tally has counts alone");
}

TEST_F(LabelReports, OfNothingAreZeros) {
  const LabelReport report = report_of({.classes = std::vector<LabelCount>(2), .kept = {.classes = 2}}, {});
  EXPECT_EQ(report.raw.mean_present, 0);
  EXPECT_EQ(report.intervals[0].second, std::nullopt);
  EXPECT_EQ(to_json(report, {"a", "b"}, true)["absent"].size(), 2U);
}

}  // namespace
}  // namespace springbok::metrics
