// Precision, recall, F1 and average precision from counts and scores.
#include "springbok/metrics/label_metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "springbok/base/error.h"

namespace springbok::metrics {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double share(std::int64_t part, std::int64_t whole, double of_nothing = 0) {
  return whole == 0 ? of_nothing : static_cast<double>(part) / static_cast<double>(whole);
}

double harmonic(double a, double b, double of_nothing = 0) {
  return a + b == 0 ? of_nothing : 2 * a * b / (a + b);
}

LabelShares shares_of(const LabelCount& count, double of_nothing = 0) {
  LabelShares shares{.precision = share(count.hits, count.predicted(), of_nothing),
                     .recall = share(count.hits, count.present(), of_nothing)};
  shares.f1 = harmonic(shares.precision, shares.recall, of_nothing);
  return shares;
}

/// Fills `mean`, over the classes that `counts`' form takes.
LabelShares mean_of(const std::vector<LabelCount>& counts, const std::vector<LabelShares>& shares, LabelForm form) {
  LabelShares sum;
  double classes = 0;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (form == LabelForm::present && counts[c].present() == 0) continue;
    sum.precision += shares[c].precision;
    sum.recall += shares[c].recall;
    sum.f1 += shares[c].f1;
    ++classes;
  }
  if (classes == 0) return {};
  return {.precision = sum.precision / classes, .recall = sum.recall / classes, .f1 = sum.f1 / classes};
}

/// Hits and their share of what was taken so far, at each distinct score from the best on.
struct Curve {
  std::vector<double> hits, precision;
};

Curve curve_of(std::span<const float> scores, const std::vector<bool>& relevant) {
  const auto score = [&](std::size_t i) {
    return std::isnan(scores[i]) ? -std::numeric_limits<float>::infinity() : scores[i];
  };
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return score(a) > score(b); });
  Curve curve;
  double hits = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    hits += relevant[order[i]] ? 1 : 0;
    const bool last_of_equals = i + 1 == order.size() || score(order[i + 1]) < score(order[i]);
    if (!last_of_equals) continue;
    curve.hits.push_back(hits);
    curve.precision.push_back(hits / static_cast<double>(i + 1));
  }
  return curve;
}

std::vector<bool> present_in(const LabelScores& scores) {
  std::vector<bool> present(scores.labels.size());
  for (std::size_t cell = 0; cell < present.size(); ++cell) present[cell] = scores.labels[cell] != 0;
  return present;
}

}  // namespace

LabelSummary summary_of(const std::vector<LabelCount>& counts, LabelForm form) {
  LabelSummary summary;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    summary.by_class.push_back(shares_of(counts[c]));
    summary.sum += counts[c];
    if (counts[c].present() == 0) summary.absent.push_back(static_cast<std::int64_t>(c));
  }
  summary.mean = mean_of(counts, summary.by_class, form);
  summary.f1_of_means = harmonic(summary.mean.precision, summary.mean.recall);
  summary.overall = shares_of(summary.sum, form == LabelForm::elastic ? kNan : 0);
  for (std::size_t size = 0; size < kSizes; ++size) {
    const std::int64_t hits = summary.sum.hits_by_size[size];
    summary.recall_by_size[size] = share(hits, hits + summary.sum.misses_by_size[size]);
  }
  return summary;
}

double average_precision(std::span<const float> scores, const std::vector<bool>& relevant, PrecisionCurve form) {
  if (scores.size() != relevant.size()) fail("{} scores for {} labels", scores.size(), relevant.size());
  Curve curve = curve_of(scores, relevant);
  if (curve.hits.empty() || curve.hits.back() == 0) return 0;
  if (form == PrecisionCurve::envelope) {
    for (std::size_t i = curve.precision.size() - 1; i > 0; --i) {
      curve.precision[i - 1] = std::max(curve.precision[i - 1], curve.precision[i]);
    }
  }
  double sum = 0, before = 0;
  for (std::size_t i = 0; i < curve.hits.size(); ++i) {
    sum += (curve.hits[i] - before) * curve.precision[i];
    before = curve.hits[i];
  }
  return sum / curve.hits.back();
}

AveragePrecisions average_precisions(const LabelScores& scores, PrecisionCurve form) {
  const std::vector<bool> present = present_in(scores);
  const auto images = static_cast<std::size_t>(scores.images()), classes = static_cast<std::size_t>(scores.classes);
  AveragePrecisions result;
  std::vector<float> column(images);
  std::vector<bool> relevant(images);
  double sum = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    for (std::size_t i = 0; i < images; ++i) {
      column[i] = scores.scores[i * classes + c];
      relevant[i] = present[i * classes + c];
    }
    result.by_class.push_back(average_precision(column, relevant, form));
    sum += result.by_class.back();
    if (std::find(relevant.begin(), relevant.end(), true) == relevant.end()) {
      result.absent.push_back(static_cast<std::int64_t>(c));
    }
  }
  const auto seen = static_cast<double>(classes - result.absent.size());
  result.mean_present = seen == 0 ? 0 : sum / seen;
  result.mean_all = classes == 0 ? 0 : sum / static_cast<double>(classes);
  return result;
}

double micro_average_precision(const LabelScores& scores) {
  return average_precision(scores.scores, present_in(scores));
}

double average_precision_by_image(const LabelScores& scores) {
  const std::vector<bool> present = present_in(scores);
  const auto classes = static_cast<std::ptrdiff_t>(scores.classes);
  double sum = 0;
  for (std::ptrdiff_t i = 0; i < scores.images(); ++i) {
    const std::span<const float> row(scores.scores.data() + i * classes, static_cast<std::size_t>(classes));
    sum += average_precision(row, {present.begin() + i * classes, present.begin() + (i + 1) * classes});
  }
  return scores.images() == 0 ? 0 : sum / static_cast<double>(scores.images());
}

}  // namespace springbok::metrics
