// Predictions as files: one row a sample, CSV or JSON by the file's ending.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace springbok::metrics {

/// One sample's best classes, best first.
struct Prediction {
  std::string name;   ///< of the sample: a path, or `train/00042`
  std::string truth;  ///< its class, "" when not known
  std::vector<std::string> classes;
  std::vector<double> probabilities;  ///< of those classes, in [0,1]
};

/// `{"image": ..., "true": ..., "predictions": [{"class": ..., "probability": ...}, ...]}`; no `true` where not known.
nlohmann::ordered_json to_json(const Prediction& prediction);

/// Header `image,true,class1,probability1,...`, then a line a sample.
std::string predictions_csv(const std::vector<Prediction>& predictions);

/// Writes `.json` (a list) or `.csv`. Throws as check_predictions_path does, and Error for a full disk.
void write_predictions(const std::filesystem::path& path, const std::vector<Prediction>& predictions);

/// Throws UsageError for another ending, Error where no file can be written: to be called before the work.
void check_predictions_path(const std::filesystem::path& path);

}  // namespace springbok::metrics
