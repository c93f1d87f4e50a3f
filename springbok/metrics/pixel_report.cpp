// The numbers of a report of masks.
#include "springbok/metrics/pixel_report.h"

#include <array>
#include <limits>

#include "springbok/base/error.h"
#include "springbok/metrics/csv.h"
#include "springbok/metrics/report_table.h"

namespace springbok::metrics {
namespace {

constexpr std::array kMeasured{"mIoU", "pixel_acc", "mean_acc", "fw_IoU", "boundary_F"};

/// Of a set where image i stands times[i] times.
BoundarySummary boundary_of(const std::vector<MaskRecord>& records, std::size_t classes,
                            std::span<const std::int32_t> times) {
  std::vector<double> sums(classes);
  std::vector<std::int64_t> images(classes);
  for (std::size_t i = 0; i < times.size(); ++i) {
    for (std::size_t c = 0; c < classes; ++c) {
      if (!records[i].boundary[c]) continue;
      sums[c] += times[i] * *records[i].boundary[c];
      images[c] += times[i];
    }
  }
  BoundarySummary summary{.by_class = std::vector<std::optional<double>>(classes)};
  double seen = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    if (images[c] == 0) continue;
    summary.by_class[c] = sums[c] / static_cast<double>(images[c]);
    summary.mean += *summary.by_class[c];
    ++seen;
  }
  if (seen > 0) summary.mean /= seen;
  return summary;
}

/// The numbers of `kMeasured`, then each class's IoU.
std::vector<double> measured(const std::vector<MaskRecord>& records, std::size_t classes,
                             std::span<const std::int32_t> times) {
  ClassPixels pixels;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (times[i] > 0) pixels.add(records[i].pixels, times[i]);
  }
  const PixelSummary summary = summary_of(pixels);
  std::vector<double> numbers{summary.mean_iou, summary.accuracy, summary.mean_accuracy, summary.frequency_weighted_iou,
                              boundary_of(records, classes, times).mean};
  for (std::size_t c = 0; c < classes; ++c) {
    const bool seen = c < summary.united.size() && summary.united[c] > 0;
    numbers.push_back(seen ? summary.iou[c] : std::numeric_limits<double>::quiet_NaN());
  }
  return numbers;
}

}  // namespace

MaskRecord record_of(const MaskPair& masks, std::int64_t classes, double tolerance) {
  MaskRecord record{.pixels = class_pixels(count_pixels(masks.truth, masks.predicted, classes)),
                    .boundary = boundary_scores(masks, classes, tolerance)};
  record.mean_iou = summary_of(record.pixels).mean_iou;
  return record;
}

PixelReport report_of(const PixelTally& tally, const std::vector<MaskRecord>& records, const Bootstrap& bootstrap) {
  if (std::ssize(records) != tally.samples) {
    fail("a report of {} images with the records of {}", tally.samples, records.size());
  }
  const auto classes = static_cast<std::size_t>(tally.classes);
  PixelReport report{.bootstrap = bootstrap, .images = tally.samples, .tally = tally};
  report.loss = tally.samples == 0 ? 0 : tally.loss / static_cast<double>(tally.samples);
  report.pixels = class_pixels(tally);
  report.summary = summary_of(report.pixels);
  report.in_truth = summary_of(report.pixels, IouForm::truth);
  report.boundary = boundary_of(records, classes, std::vector<std::int32_t>(records.size(), 1));
  const auto intervals =
      metrics::bootstrap(tally.samples, bootstrap, [&](auto times) { return measured(records, classes, times); });
  for (std::size_t i = 0; i < kMeasured.size(); ++i) report.intervals.emplace_back(kMeasured[i], intervals[i]);
  report.iou_intervals.assign(intervals.begin() + kMeasured.size(), intervals.end());
  return report;
}

std::vector<PixelCount> cells_of(const PixelTally& tally, const std::vector<std::string>& names) {
  expect_names(static_cast<std::size_t>(tally.classes), names);
  std::vector<PixelCount> cells;
  for (std::int64_t t = 0; t < tally.classes; ++t) {
    for (std::int64_t p = 0; p <= tally.classes; ++p) {
      if (tally.at(t, p) == 0) continue;
      cells.push_back({names[static_cast<std::size_t>(t)],
                       p < tally.classes ? names[static_cast<std::size_t>(p)] : std::string(), tally.at(t, p)});
    }
  }
  return cells;
}

std::string pixel_confusion_csv(const PixelTally& tally, const std::vector<std::string>& names) {
  expect_names(static_cast<std::size_t>(tally.classes), names);
  std::string text = "true/predicted";
  for (const std::string& name : names) text += ',' + csv_field(name);
  text += ",(none)\n";
  for (std::int64_t truth = 0; truth < tally.classes; ++truth) {
    text += csv_field(names[static_cast<std::size_t>(truth)]);
    for (std::int64_t p = 0; p <= tally.classes; ++p) text += format(",{}", tally.at(truth, p));
    text += '\n';
  }
  return text;
}

}  // namespace springbok::metrics
