// What multi-label predictions are measured by: precision, recall and F1 by class and over all, average precision.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "springbok/metrics/label_tally.h"

namespace springbok::metrics {

/// How means over classes are taken, and what 0 / 0 is. `present`: over the classes that some image has; 0. `all`: over
/// all, where absent ones count as 0; 0 (scikit-learn, torchmetrics). `elastic`: as `all`, but precision, recall and F1
/// over all images are NaN where nothing was predicted or is present (allenai/elastic, multilabel_classify.py).
enum class LabelForm : std::uint8_t { present, all, elastic };

/// Shares from 0 to 1.
struct LabelShares {
  double precision = 0, recall = 0, f1 = 0;
};

struct LabelSummary {
  std::vector<LabelShares> by_class;            ///< 0 / 0 is 0
  LabelShares mean;                             ///< P_C, R_C, F_C: f1 is the mean of the classes' F1
  double f1_of_means = 0;                       ///< 2 P_C R_C / (P_C + R_C), as much of the literature has F_C
  LabelShares overall;                          ///< P_O, R_O, F_O, of hits and misses over all classes
  std::array<double, kSizes> recall_by_size{};  ///< over all classes; 0 where there are no such objects
  std::vector<std::int64_t> absent;             ///< classes that no image has
  LabelCount sum;                               ///< over all classes
};
LabelSummary summary_of(const std::vector<LabelCount>& counts, LabelForm form = LabelForm::present);

/// Which precision a recall has. `raw`: the sum of (R_n - R_n-1) P_n over distinct scores (scikit-learn's
/// average_precision_score). `envelope`: P_n is the largest precision at that recall or a higher one (VOC 2010 on).
enum class PrecisionCurve : std::uint8_t { raw, envelope };

/// Of one ranking; equal scores share a threshold. 0 where nothing is relevant. Scores that are no numbers come last.
double average_precision(std::span<const float> scores, const std::vector<bool>& relevant,
                         PrecisionCurve curve = PrecisionCurve::raw);

struct AveragePrecisions {
  std::vector<double> by_class;      ///< 0 for a class that no image has
  std::vector<std::int64_t> absent;  ///< those classes
  double mean_present = 0;           ///< over the others
  double mean_all = 0;               ///< over all, as scikit-learn and torchmetrics take the macro mean
};
AveragePrecisions average_precisions(const LabelScores& scores, PrecisionCurve curve = PrecisionCurve::raw);

/// Of all cells as one ranking.
double micro_average_precision(const LabelScores& scores);
/// Of each image's classes as a ranking, the mean over images; one without labels counts 0.
double average_precision_by_image(const LabelScores& scores);

}  // namespace springbok::metrics
