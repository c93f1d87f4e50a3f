// Predictions of all tasks, and the one place where they are written and read.
#pragma once

#include <filesystem>
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

/// Several labels: each with its probability.
struct Labelled {
  std::string image;
  std::vector<std::string> truth;  ///< labels it has; empty when not known
  std::vector<Guess> scores;
};

/// Segmentation: the file that holds each pixel's class.
struct Painted {
  std::string image, mask;
};

using Prediction = std::variant<Ranked, Labelled, Painted>;

/// `{"image": ..., "true": ..., "predictions": [{"class": ..., "probability": ...}, ...]}`, no `true` where not known;
/// of several labels `{"image", "labels", "scores": [{"label", "probability"}]}`, of pixels `{"image", "mask"}`.
nlohmann::ordered_json to_json(const Prediction& prediction);

/// Header `image,true,class1,probability1,...`, then a line a sample. Labels that are true are joined by `|`.
std::string predictions_csv(const std::vector<Prediction>& predictions);

/// Writes `.json` (a list) or `.csv`. Throws as check_predictions_path does, and Error for a full disk.
void write_predictions(const std::filesystem::path& path, const std::vector<Prediction>& predictions);

/// Throws UsageError for another ending, Error where no file can be written: to be called before the work.
void check_predictions_path(const std::filesystem::path& path);

/// Reads a list that `write_predictions` wrote as JSON. Throws Error naming file and entry.
std::vector<Prediction> read_predictions(const std::filesystem::path& path);

}  // namespace springbok::metrics
