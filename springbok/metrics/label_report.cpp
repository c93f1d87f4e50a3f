// The numbers of a report of labels.
#include "springbok/metrics/label_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "springbok/base/error.h"

namespace springbok::metrics {
namespace {

constexpr std::array kMeasured{"mAP", "P_C", "R_C", "F_C", "P_O", "R_O", "F_O"};

/// Each class's images from its best score on, so that a resample needs no sorting.
class Ranking {
 public:
  explicit Ranking(const LabelScores& scores) : scores_(scores), order_(static_cast<std::size_t>(scores.classes)) {
    for (std::size_t c = 0; c < order_.size(); ++c) {
      order_[c].resize(static_cast<std::size_t>(scores.images()));
      std::iota(order_[c].begin(), order_[c].end(), 0U);
      std::sort(order_[c].begin(), order_[c].end(), [&](auto a, auto b) { return score(a, c) > score(b, c); });
    }
  }

  /// `raw` average precision of a class in a set where image i stands times[i] times; NaN where none has the class.
  double average_precision(std::size_t c, std::span<const std::int32_t> times) const {
    const std::vector<std::uint32_t>& order = order_[c];
    std::int64_t taken = 0, hits = 0, before = 0;
    double sum = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      taken += times[order[i]];
      if (scores_.labels[cell(order[i], c)] != 0) hits += times[order[i]];
      const bool last_of_equals = i + 1 == order.size() || score(order[i + 1], c) < score(order[i], c);
      if (!last_of_equals || hits == before) continue;
      sum += static_cast<double>(hits - before) * static_cast<double>(hits) / static_cast<double>(taken);
      before = hits;
    }
    return hits == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(hits);
  }

 private:
  std::size_t cell(std::uint32_t image, std::size_t c) const { return image * order_.size() + c; }
  float score(std::uint32_t image, std::size_t c) const {
    const float value = scores_.scores[cell(image, c)];
    return std::isnan(value) ? -std::numeric_limits<float>::infinity() : value;
  }

  const LabelScores& scores_;
  std::vector<std::vector<std::uint32_t>> order_;
};

/// Counts of a set where image i stands times[i] times; sizes are not counted.
std::vector<LabelCount> counted(const LabelScores& scores, double logit, std::span<const std::int32_t> times) {
  const auto classes = static_cast<std::size_t>(scores.classes);
  std::vector<LabelCount> counts(classes);
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (times[i] == 0) continue;
    for (std::size_t c = 0; c < classes; ++c) {
      const bool given = static_cast<double>(scores.scores[i * classes + c]) > logit;
      const bool present = scores.labels[i * classes + c] != 0;
      counts[c].hits += given && present ? times[i] : 0;
      counts[c].false_alarms += given && !present ? times[i] : 0;
      counts[c].misses += !given && present ? times[i] : 0;
    }
  }
  return counts;
}

/// The numbers of `kMeasured`, then each class's average precision.
std::vector<double> measured(const LabelScores& scores, const Ranking& ranking, double logit,
                             std::span<const std::int32_t> times) {
  std::vector<double> numbers(kMeasured.size());
  double present = 0;
  for (std::size_t c = 0; c < static_cast<std::size_t>(scores.classes); ++c) {
    numbers.push_back(ranking.average_precision(c, times));
    if (std::isnan(numbers.back())) continue;
    numbers[0] += numbers.back();
    ++present;
  }
  numbers[0] = present == 0 ? 0 : numbers[0] / present;
  const LabelSummary summary = summary_of(counted(scores, logit, times));
  const std::array shares{summary.mean.precision,    summary.mean.recall,    summary.mean.f1,
                          summary.overall.precision, summary.overall.recall, summary.overall.f1};
  std::copy(shares.begin(), shares.end(), numbers.begin() + 1);
  return numbers;
}

void add_intervals(LabelReport& report, const LabelScores& scores) {
  const Ranking ranking(scores);
  const double logit = logit_of(report.settings.threshold);
  const auto intervals = bootstrap(scores.images(), report.settings.bootstrap,
                                   [&](auto times) { return measured(scores, ranking, logit, times); });
  for (std::size_t i = 0; i < kMeasured.size(); ++i) report.intervals.emplace_back(kMeasured[i], intervals[i]);
  report.precision_intervals.assign(intervals.begin() + kMeasured.size(), intervals.end());
}

}  // namespace

LabelReport report_of(const LabelTally& tally, const LabelReportSettings& settings) {
  constexpr std::int64_t kBest = 3;
  constexpr int kSteps = 20;
  if (tally.kept.classes == 0) fail("a report of labels needs their scores, and this tally has counts alone");
  LabelReport report{.settings = settings, .images = tally.samples};
  report.loss = tally.samples == 0 ? 0 : tally.loss / static_cast<double>(tally.samples);
  report.counts = count_above(tally.kept, logit_of(settings.threshold));
  report.at_threshold = summary_of(report.counts);
  report.all_classes = summary_of(report.counts, LabelForm::all);
  report.best_three = summary_of(count_best(tally.kept, kBest, -std::numeric_limits<double>::infinity()));
  report.raw = average_precisions(tally.kept);
  report.envelope = average_precisions(tally.kept, PrecisionCurve::envelope);
  report.best = best_thresholds(tally.kept);
  std::vector<double> steps;
  for (int i = 1; i < kSteps; ++i) steps.push_back(static_cast<double>(i) / kSteps);
  report.sweep = sweep(tally.kept, steps);
  add_intervals(report, tally.kept);
  return report;
}

}  // namespace springbok::metrics
