// What is counted of images with any number of labels: by class and by size of object, and the scores that rankings
// need.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "springbok/base/label_sizes.h"

namespace springbok::metrics {

/// One class's share of the images.
struct LabelCount {
  std::int64_t hits = 0;          ///< have the label and were given it (true positives)
  std::int64_t false_alarms = 0;  ///< were given it and do not have it (false positives)
  std::int64_t misses = 0;        ///< have it and were not given it (false negatives)
  /// The same for images with small, medium, large objects of the class. An image may count in several.
  std::array<std::int64_t, kSizes> hits_by_size = {}, misses_by_size = {};

  std::int64_t present() const { return hits + misses; }
  std::int64_t predicted() const { return hits + false_alarms; }
  LabelCount& operator+=(const LabelCount& other);
  bool operator==(const LabelCount&) const = default;
};

/// Scores (logits) and labels of images, (images, classes) row-major.
struct LabelScores {
  std::int64_t classes = 0;
  std::vector<float> scores = {};
  std::vector<std::uint8_t> labels = {};  ///< bits of base/label_sizes.h

  std::int64_t images() const { return classes == 0 ? 0 : static_cast<std::int64_t>(labels.size()) / classes; }
  bool operator==(const LabelScores&) const = default;
};

/// Sums over images. A training keeps the counts alone; an evaluation the scores too, since average precision ranks all
/// images.
struct LabelTally {
  std::int64_t samples = 0;
  double loss = 0;                       ///< summed, not averaged
  std::vector<LabelCount> classes = {};  ///< empty as long as nothing was counted
  LabelScores kept = {};                 ///< empty where scores are not kept

  /// Throws Error for other classes, and where only one of the two keeps scores.
  LabelTally& operator+=(const LabelTally& other);
  bool operator==(const LabelTally&) const = default;
};

/// Counts by class: a label is given where its score is above `threshold`, strictly; a score that is no number never
/// is. `threshold` 0 on logits is a probability of 0.5. Throws Error for lengths that do not fit.
std::vector<LabelCount> count_above(const LabelScores& scores, double threshold);

/// Counts where each image is given the labels of its `k` best scores, ties to the lower class, of which those above
/// `threshold` count.
std::vector<LabelCount> count_best(const LabelScores& scores, std::int64_t k, double threshold);

/// `{"samples", "loss", "classes": [[hits, false alarms, misses, hits by size, misses by size], ...]}`, with "scores"
/// and "labels" (a digit a class, a text an image) where they are kept; and back. Throws Error naming `where`.
nlohmann::ordered_json to_json(const LabelTally& tally);
LabelTally label_tally_from_json(const nlohmann::ordered_json& json, const std::string& where);

}  // namespace springbok::metrics
