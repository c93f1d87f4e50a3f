// Thresholds of labels: what each gives, and the best ones.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "springbok/metrics/label_metrics.h"
#include "springbok/metrics/label_tally.h"

namespace springbok::metrics {

/// The logit of a probability in [0, 1]: what `count_above` compares with. 0.5 gives exactly 0; 0 and 1 minus and plus
/// infinity.
double logit_of(double probability);
double probability_of(double logit);

struct Threshold {
  double probability = 0.5;
  double f1 = 0;  ///< the share that it reaches: of 0 to 1
  bool operator==(const Threshold&) const = default;
};

/// The best thresholds of all that tell two scores apart, each halfway between these two logits. Of equals the highest.
/// Where no image has the label (any label) it stays 0.5, with 0. A threshold chosen on the images that it is then
/// measured on flatters: choose it on others.
struct BestThresholds {
  Threshold overall;                          ///< by F_O
  Threshold mean;                             ///< by F_C: the mean F1 of the classes that some image has
  std::vector<Threshold> by_class = {};       ///< each class its own, by its F1
  double mean_of_classes = 0;                 ///< F_C with those
  std::vector<double> probabilities() const;  ///< of `by_class`
};
BestThresholds best_thresholds(const LabelScores& scores);

/// What one threshold gives.
struct SweepPoint {
  double probability = 0;
  LabelSummary summary;
};
std::vector<SweepPoint> sweep(const LabelScores& scores, std::span<const double> probabilities,
                              LabelForm form = LabelForm::present);

}  // namespace springbok::metrics
