// One pass down the scores, best first, that keeps F1 up to date.
#include "springbok/metrics/thresholds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "springbok/base/error.h"

namespace springbok::metrics {
namespace {

double f1_of(std::int64_t hits, std::int64_t given, std::int64_t present) {
  return given + present == 0 ? 0 : 2 * static_cast<double>(hits) / static_cast<double>(given + present);
}

/// Cells (image, class) from the best score on; scores that are no numbers are never given and are left out.
std::vector<std::uint32_t> ordered(const LabelScores& scores, std::size_t first, std::size_t step) {
  std::vector<std::uint32_t> cells;
  for (std::size_t cell = first; cell < scores.scores.size(); cell += step) {
    if (!std::isnan(scores.scores[cell])) cells.push_back(static_cast<std::uint32_t>(cell));
  }
  std::sort(cells.begin(), cells.end(), [&](auto a, auto b) { return scores.scores[a] > scores.scores[b]; });
  return cells;
}

/// The probability halfway between a score that is given and the next one that is not; nothing where rounding would
/// give both or none.
std::optional<double> cut_between(double given, double next) {
  const double probability = probability_of(std::isfinite(given + next) ? (given + next) / 2 : next);
  const double logit = logit_of(probability);
  if (given > logit && !(next > logit)) return probability;
  return std::nullopt;
}

/// Walks down the cells; `take(cell)` counts one as given, `f1()` says what is reached then.
template <class Take, class F1>
Threshold best_cut(const LabelScores& scores, const std::vector<std::uint32_t>& cells, Take take, F1 f1) {
  constexpr double kLowest = -std::numeric_limits<double>::infinity(), kRounding = 1e-12;
  Threshold best;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    take(cells[i]);
    const double given = scores.scores[cells[i]];
    const double next = i + 1 < cells.size() ? static_cast<double>(scores.scores[cells[i + 1]]) : kLowest;
    if (!(given > next)) continue;
    const double reached = f1();
    if (reached <= best.f1 + kRounding) continue;
    if (const auto probability = cut_between(given, next)) best = {*probability, reached};
  }
  return best;
}

/// Hits and given ones of classes while a threshold sinks.
struct Counts {
  std::vector<std::int64_t> hits, given, present;
  explicit Counts(const LabelScores& scores)
      : hits(static_cast<std::size_t>(scores.classes)), given(hits.size()), present(hits.size()) {
    for (std::size_t cell = 0; cell < scores.labels.size(); ++cell)
      present[cell % hits.size()] += scores.labels[cell] != 0;
  }
  double f1(std::size_t c) const { return f1_of(hits[c], given[c], present[c]); }
};

/// Of all cells together where `step` is 1, else of the class `first`.
Threshold best_of(const LabelScores& scores, std::size_t first, std::size_t step, std::int64_t present) {
  std::int64_t hits = 0, given = 0;
  const auto take = [&](std::uint32_t cell) {
    hits += scores.labels[cell] != 0 ? 1 : 0;
    ++given;
  };
  return best_cut(scores, ordered(scores, first, step), take, [&] { return f1_of(hits, given, present); });
}

/// By the mean F1 of the `in_mean` classes that some image has.
Threshold best_of_means(const LabelScores& scores, Counts counts, double in_mean) {
  double sum = 0;
  const auto take = [&](std::uint32_t cell) {
    const std::size_t c = cell % counts.hits.size();
    if (counts.present[c] == 0) return;
    sum -= counts.f1(c);
    counts.hits[c] += scores.labels[cell] != 0 ? 1 : 0;
    ++counts.given[c];
    sum += counts.f1(c);
  };
  return best_cut(scores, ordered(scores, 0, 1), take, [&] { return in_mean == 0 ? 0 : sum / in_mean; });
}

}  // namespace

double logit_of(double probability) {
  return std::log(probability / (1 - probability));
}

double probability_of(double logit) {
  return 1 / (1 + std::exp(-logit));
}

std::vector<double> BestThresholds::probabilities() const {
  std::vector<double> list;
  for (const Threshold& each : by_class) list.push_back(each.probability);
  return list;
}

BestThresholds best_thresholds(const LabelScores& scores) {
  const auto classes = static_cast<std::size_t>(scores.classes);
  const Counts counts(scores);
  const auto in_mean =
      static_cast<double>(std::count_if(counts.present.begin(), counts.present.end(), [](auto n) { return n > 0; }));
  const std::int64_t present = std::accumulate(counts.present.begin(), counts.present.end(), std::int64_t{0});
  BestThresholds best{.overall = best_of(scores, 0, 1, present), .mean = best_of_means(scores, counts, in_mean)};
  for (std::size_t c = 0; c < classes; ++c) {
    best.by_class.push_back(best_of(scores, c, classes, counts.present[c]));
    if (in_mean > 0) best.mean_of_classes += best.by_class.back().f1 / in_mean;
  }
  return best;
}

std::vector<SweepPoint> sweep(const LabelScores& scores, std::span<const double> probabilities, LabelForm form) {
  std::vector<SweepPoint> points;
  for (const double probability : probabilities) {
    if (!(probability >= 0 && probability <= 1)) fail("a threshold of {}: between 0 and 1", probability);
    points.push_back({probability, summary_of(count_above(scores, logit_of(probability)), form)});
  }
  return points;
}

}  // namespace springbok::metrics
