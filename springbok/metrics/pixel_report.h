// What an evaluation of masks says, for people and as JSON: all metrics, intervals, classes.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "springbok/metrics/bootstrap.h"
#include "springbok/metrics/boundary.h"
#include "springbok/metrics/pixel_tally.h"
#include "springbok/metrics/prediction.h"

namespace springbok::metrics {

/// One image's part of an evaluation.
struct MaskRecord {
  ClassPixels pixels;
  std::vector<std::optional<double>> boundary;  ///< by class
  double mean_iou = 0;                          ///< over the classes in this image's truth or prediction
};
MaskRecord record_of(const MaskPair& masks, std::int64_t classes, double tolerance = kBoundaryTolerance);

/// The boundary F-score of each class: its mean over the images that have one. `mean` goes over those classes.
struct BoundarySummary {
  std::vector<std::optional<double>> by_class = {};
  double mean = 0;
};

/// Shares from 0 to 1.
struct PixelReport {
  Bootstrap bootstrap = {};
  std::int64_t images = 0;
  double loss = 0;        ///< the mean
  PixelTally tally = {};  ///< its confusion matrix
  ClassPixels pixels = {};
  PixelSummary summary = {};   ///< means over the classes in truth or prediction
  PixelSummary in_truth = {};  ///< over those in the truth
  BoundarySummary boundary = {};
  std::vector<std::pair<std::string, std::optional<Interval>>> intervals =
      {};                                                   ///< `mIoU`, `pixel_acc`, ... `boundary_F`
  std::vector<std::optional<Interval>> iou_intervals = {};  ///< of each class
};

/// `records` hold the images of the tally, in any order. Throws Error where their number is another.
PixelReport report_of(const PixelTally& tally, const std::vector<MaskRecord>& records, const Bootstrap& bootstrap);

/// `{"images", "loss", "mIoU", ...}`, shares in percent; `classes` (sorted, the best IoU first) where `per_class` asks
/// for them. `names` are those of the classes.
nlohmann::ordered_json to_json(const PixelReport& report, const std::vector<std::string>& names, bool per_class);

/// The same as a table for people, lines that end.
std::string to_text(const PixelReport& report, const std::vector<std::string>& names, bool per_class);

/// The cells of a confusion matrix that are not 0, by name.
std::vector<PixelCount> cells_of(const PixelTally& tally, const std::vector<std::string>& names);

/// The confusion matrix as CSV: rows are true classes, the last column pixels that were given no class.
std::string pixel_confusion_csv(const PixelTally& tally, const std::vector<std::string>& names);

}  // namespace springbok::metrics
