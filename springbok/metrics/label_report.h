// What an evaluation of labels says, for people and as JSON: all metrics, thresholds, intervals, classes.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "springbok/metrics/bootstrap.h"
#include "springbok/metrics/label_metrics.h"
#include "springbok/metrics/label_tally.h"
#include "springbok/metrics/thresholds.h"

namespace springbok::metrics {

struct LabelReportSettings {
  double threshold = 0.5;    ///< a label is given where its probability is above
  Bootstrap bootstrap = {};  ///< the intervals
};

/// Shares from 0 to 1.
struct LabelReport {
  LabelReportSettings settings = {};
  std::int64_t images = 0;
  double loss = 0;                      ///< the mean
  std::vector<LabelCount> counts = {};  ///< at the threshold
  LabelSummary at_threshold = {};       ///< means over the classes that some image has
  LabelSummary all_classes = {};        ///< means over all, where absent ones count 0 (scikit-learn)
  LabelSummary best_three = {};         ///< each image is given its three best labels, whatever their scores
  AveragePrecisions raw = {}, envelope = {};
  BestThresholds best = {};
  std::vector<SweepPoint> sweep = {};                                           ///< 0.05, 0.10, ... 0.95
  std::vector<std::pair<std::string, std::optional<Interval>>> intervals = {};  ///< `mAP`, `P_C`, ... `F_O`
  std::vector<std::optional<Interval>> precision_intervals = {};                ///< of each class's average precision
};

/// Throws Error for a tally that keeps no scores.
LabelReport report_of(const LabelTally& tally, const LabelReportSettings& settings);

/// `{"images", "loss", "mAP", ...}`, shares in percent; `classes` (sorted, the best average precision first) where
/// `per_class` asks for them. `names` are those of the classes.
nlohmann::ordered_json to_json(const LabelReport& report, const std::vector<std::string>& names, bool per_class);

/// The same as a table for people, lines that end.
std::string to_text(const LabelReport& report, const std::vector<std::string>& names, bool per_class);

}  // namespace springbok::metrics
