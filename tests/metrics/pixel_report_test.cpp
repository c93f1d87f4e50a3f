// Reports of masks: the numbers are torchmetrics', scikit-learn's, pycocotools' and scikit-image's
// (fixtures/make_masks.py).
#include "springbok/metrics/pixel_report.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "tests/support/message_of.h"

namespace springbok::metrics {
namespace {

using nlohmann::json;
using springbok::testing::message_of;

constexpr double kDouble = 1e-12, kSingle = 2e-6;

struct Mask {
  std::vector<std::uint8_t> pixels;
  int height = 0, width = 0;
};

Mask mask_of(const json& rows) {
  Mask mask{.pixels = {}, .height = static_cast<int>(rows.size()), .width = 0};
  for (const json& row : rows) {
    for (const char sign : row.get<std::string>()) {
      mask.pixels.push_back(sign == '.' ? kIgnoredPixel : static_cast<std::uint8_t>(sign - '0'));
    }
  }
  mask.width = static_cast<int>(mask.pixels.size()) / mask.height;
  return mask;
}

class PixelReports : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream(SPRINGBOK_SOURCE_DIR "/tests/metrics/fixtures/masks.json") >> said_;
    for (const json& image : said_["images"]) {
      truths_.push_back(mask_of(image["truth"]));
      predicted_.push_back(mask_of(image["predicted"]));
      records_.push_back(record_of(pair(truths_.size() - 1), 5));
      tally_ += count_pixels(truths_.back().pixels, predicted_.back().pixels, 5);
      ++tally_.samples;
    }
    tally_.loss = 2.5;
  }
  MaskPair pair(std::size_t i) const {
    return {.truth = truths_[i].pixels,
            .predicted = predicted_[i].pixels,
            .height = truths_[i].height,
            .width = truths_[i].width};
  }

  json said_;
  std::vector<Mask> truths_, predicted_;
  std::vector<MaskRecord> records_;
  PixelTally tally_;
};

TEST_F(PixelReports, NumbersArePublishedOnes) {
  const PixelReport report = report_of(tally_, records_, {.resamples = 0});
  for (std::int64_t t = 0; t < 5; ++t) {
    for (std::int64_t p = 0; p < 5; ++p) EXPECT_EQ(tally_.at(t, p), said_["confusion"][t][p]);
    EXPECT_NEAR(report.summary.iou[t], said_["iou"][t], kDouble);
    EXPECT_NEAR(report.summary.iou[t], said_["iou_torchmetrics"][t], kSingle);
  }
  EXPECT_NEAR(report.summary.mean_iou, said_["mean_iou_torchmetrics"], kSingle);
  EXPECT_NEAR(report.summary.frequency_weighted_iou, said_["weighted_iou"], kDouble);
  EXPECT_NEAR(report.summary.accuracy, said_["accuracy"], kDouble);
  EXPECT_NEAR(report.summary.mean_accuracy, said_["mean_accuracy"], kDouble);
  EXPECT_EQ(report.summary.unseen, (std::vector<std::int64_t>{4}));
  EXPECT_EQ(report.loss, 0.5);
}

TEST_F(PixelReports, EachImageIsPycocotools) {
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const PixelSummary summary = summary_of(records_[i].pixels);
    for (std::size_t c = 0; c < 5; ++c) EXPECT_NEAR(summary.iou[c], said_["images"][i]["coco_iou"][c], kDouble);
  }
}

TEST_F(PixelReports, BoundariesAreDistancesBetweenOutlines) {
  for (std::size_t i = 0; i < records_.size(); ++i) {
    for (const auto& [tolerance, said] : said_["images"][i]["boundary"].items()) {
      const auto scores = boundary_scores(pair(i), 5, std::stod(tolerance));
      for (std::size_t c = 0; c < 5; ++c) {
        ASSERT_EQ(scores[c].has_value(), !said[c].is_null()) << i << ' ' << tolerance << ' ' << c;
        if (!scores[c]) continue;
        EXPECT_NEAR(*scores[c], said[c], kDouble) << i << ' ' << tolerance << ' ' << c;
      }
    }
    EXPECT_EQ(records_[i].boundary, boundary_scores(pair(i), 5, 0.0075));
  }
  const std::vector<std::uint8_t> six(6);
  EXPECT_EQ(message_of<Error>([&] { boundary_scores({six, six, 2, 4}, 2); }), "masks of 6 and 6 pixels are not 2 x 4");
}

TEST_F(PixelReports, BoundaryScoresAreMeansOverTheImagesThatHaveOne) {
  const PixelReport report = report_of(tally_, records_, {.resamples = 0});
  double first = 0, images = 0;
  for (const MaskRecord& record : records_) {
    first += record.boundary[1].value_or(0);
    images += record.boundary[1].has_value() ? 1 : 0;
  }
  EXPECT_NEAR(*report.boundary.by_class[1], first / images, kDouble);
  EXPECT_EQ(report.boundary.by_class[4], std::nullopt);
  double sum = 0;
  for (std::size_t c = 0; c < 4; ++c) sum += *report.boundary.by_class[c];
  EXPECT_NEAR(report.boundary.mean, sum / 4, kDouble);
}

TEST_F(PixelReports, AResampleIsTheSetOfItsImages) {
  const std::vector<std::int32_t> times = drawn_times(tally_.samples, 3, 0);
  PixelTally set;
  std::vector<MaskRecord> records;
  for (std::size_t i = 0; i < times.size(); ++i) {
    for (std::int32_t t = 0; t < times[i]; ++t) {
      set += count_pixels(truths_[i].pixels, predicted_[i].pixels, 5);
      ++set.samples;
      records.push_back(records_[i]);
    }
  }
  const PixelReport one = report_of(tally_, records_, {.resamples = 1, .seed = 3}),
                    whole = report_of(set, records, {.resamples = 0});
  EXPECT_EQ(one.intervals[0].first, "mIoU");
  EXPECT_NEAR(one.intervals[0].second->low, whole.summary.mean_iou, kDouble);
  EXPECT_NEAR(one.intervals[3].second->low, whole.summary.frequency_weighted_iou, kDouble);
  EXPECT_NEAR(one.intervals[4].second->high, whole.boundary.mean, kDouble);
  EXPECT_EQ(one.iou_intervals[4], std::nullopt);
  EXPECT_EQ(message_of<Error>([&] { report_of(tally_, {}, {}); }), "a report of 5 images with the records of 0");
}

TEST_F(PixelReports, IntervalsHoldTheNumberAndAreSaid) {
  const Bootstrap settings{.resamples = 300, .seed = 0, .threads = 2};
  const PixelReport report = report_of(tally_, records_, settings);
  EXPECT_LT(report.intervals[0].second->low, report.summary.mean_iou);
  EXPECT_GT(report.intervals[0].second->high, report.summary.mean_iou);
  const auto written = to_json(report, {"ground", "a", "b", "c", "d"}, true);
  EXPECT_EQ(written["intervals"]["resamples"], 300);
  EXPECT_EQ(written["intervals"]["images"], 5);
  EXPECT_EQ(written["intervals"]["mIoU"][0], 100 * report.intervals[0].second->low);
  EXPECT_EQ(written["absent"], nlohmann::ordered_json::array({"d"}));
  EXPECT_EQ(written["never_predicted"], nlohmann::ordered_json::array({"c"}));
  EXPECT_EQ(written["classes"][0]["class"], "ground");
  EXPECT_TRUE(written["classes"][4]["IoU"].is_null());
  EXPECT_NEAR(written["classes"][0]["accuracy"].get<double>(), 100.0 * 1591 / 1608, kDouble * 100);
  const std::string text = to_text(report, {"ground", "a", "b", "c", "d"}, true);
  EXPECT_NE(text.find("in no mask and never predicted, and no mean counts: d\n"), std::string::npos);
  EXPECT_NE(text.find("95 % intervals: 300 resamples of the 5 images, seed 0\n"), std::string::npos);
  EXPECT_EQ(text.find("nan"), std::string::npos);
}

TEST_F(PixelReports, TheMatrixIsWrittenAsCsv) {
  const PixelTally small =
      count_pixels(std::vector<std::uint8_t>{0, 1, 1, 255}, std::vector<std::uint8_t>{1, 1, 9, 0}, 2);
  EXPECT_EQ(pixel_confusion_csv(small, {"ground", "=a"}),
            "true/predicted,ground,'=a,(none)\nground,0,1,0\n'=a,0,1,1\n");
}

}  // namespace
}  // namespace springbok::metrics
