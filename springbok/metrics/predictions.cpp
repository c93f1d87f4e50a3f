// Predictions as CSV and JSON.
#include "springbok/metrics/predictions.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/base/quote.h"
#include "springbok/metrics/sums.h"

namespace springbok::metrics {

nlohmann::ordered_json to_json(const Prediction& prediction) {
  nlohmann::ordered_json json;
  json["image"] = printable(prediction.name);
  if (!prediction.truth.empty()) json["true"] = printable(prediction.truth);
  json["predictions"] = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < prediction.classes.size(); ++i) {
    json["predictions"].push_back(
        {{"class", printable(prediction.classes[i])}, {"probability", prediction.probabilities[i]}});
  }
  return json;
}

std::string predictions_csv(const std::vector<Prediction>& predictions) {
  std::size_t columns = 0;
  for (const Prediction& prediction : predictions) columns = std::max(columns, prediction.classes.size());
  std::string text = "image,true";
  for (std::size_t i = 1; i <= columns; ++i) text += format(",class{},probability{}", i, i);
  text += '\n';
  for (const Prediction& prediction : predictions) {
    text += csv_field(prediction.name) + ',' + csv_field(prediction.truth);
    for (std::size_t i = 0; i < prediction.classes.size(); ++i) {
      text += format(",{},{:.6f}", csv_field(prediction.classes[i]), prediction.probabilities[i]);
    }
    text += '\n';
  }
  return text;
}

void check_predictions_path(const std::filesystem::path& path) {
  if (path.extension() != ".csv" && path.extension() != ".json") {
    fail_usage("{}: predictions are written as .csv or .json; give it one of these endings", path.string());
  }
  check_writable(path);
}

void write_predictions(const std::filesystem::path& path, const std::vector<Prediction>& predictions) {
  check_predictions_path(path);
  if (path.extension() == ".csv") return write_file(path, predictions_csv(predictions));
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Prediction& prediction : predictions) list.push_back(to_json(prediction));
  write_file(path, json_text(list, 1) + "\n");
}

}  // namespace springbok::metrics
