// Predictions of all tasks, and the one place where they are written and read.
#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>
#include <vector>

namespace springbok::metrics {

struct Guess {
  std::string name;        ///< of a class or label
  double probability = 0;  ///< in [0,1]
};

/// Classification: the best classes of a sample.
struct Ranked {
  std::string image;           ///< the sample's name: a path, or `train/00042`
  std::string truth;           ///< its class, "" when not known
  std::vector<Guess> guesses;  ///< best first, at least one

  bool right() const { return guesses.front().name == truth; }
  bool wrong() const { return !truth.empty() && !right(); }
};

/// Several labels with their probabilities, best first.
struct Labelled {
  std::string image;
  std::vector<std::string> truth;  ///< labels it has; empty when not known
  std::vector<Guess> scores;
  std::vector<std::uint8_t> sizes = {};  ///< of each true label (base/label_sizes.h); empty when not known
  /// Mean binary cross-entropy over all labels; NaN when the truth is not known.
  double loss = std::numeric_limits<double>::quiet_NaN();

  bool known() const { return !truth.empty() || !std::isnan(loss); }
};

/// So many pixels of a class that were given a class; "" for those that were given none.
struct PixelCount {
  std::string truth, predicted;
  std::int64_t count = 0;
  bool operator==(const PixelCount&) const = default;
};

/// Segmentation: the file that holds each pixel's class, and what is known of it.
struct Painted {
  std::string image, mask;
  std::vector<PixelCount> pixels = {};  ///< none where the truth is not known

  /// Mean IoU over the classes in truth or prediction; NaN when the truth is not known.
  double mean_iou() const;
};

using Prediction = std::variant<Ranked, Labelled, Painted>;

/// `{"image": ..., "true": ..., "predictions": [{"class": ..., "probability": ...}, ...]}`, no `true` where not known;
/// of several labels `{"image", "labels", "sizes", "loss", "scores": [{"label", "probability"}]}`, of pixels `{"image",
/// "mask", "mean_iou", "pixels": [[true class, predicted class, count], ...]}`.
nlohmann::ordered_json to_json(const Prediction& prediction);
/// The reverse. Throws Error naming `where`.
Prediction prediction_from_json(const nlohmann::ordered_json& json, const std::string& where);

/// Header `image,true,class1,probability1,...`, then a line a sample. Labels that are true are joined by `|`. Of pixels
/// `image,mask,mean_iou`.
std::string predictions_csv(const std::vector<Prediction>& predictions);

/// Writes `.json` (a list) or `.csv`. Throws as check_predictions_path does, and Error for a full disk.
void write_predictions(const std::filesystem::path& path, const std::vector<Prediction>& predictions);

/// Throws UsageError for another ending, Error where no file can be written: to be called before the work.
void check_predictions_path(const std::filesystem::path& path);

/// Reads a list that `write_predictions` wrote as JSON. Throws Error naming file and entry.
std::vector<Prediction> read_predictions(const std::filesystem::path& path);

}  // namespace springbok::metrics
