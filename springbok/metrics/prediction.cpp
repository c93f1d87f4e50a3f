// Predictions as CSV and JSON, and back.
#include "springbok/metrics/prediction.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "springbok/base/fields.h"
#include "springbok/base/file.h"
#include "springbok/base/overload.h"
#include "springbok/metrics/csv.h"

namespace springbok::metrics {
namespace {

using Json = nlohmann::ordered_json;

Json guesses_json(const std::vector<Guess>& guesses, const char* key) {
  Json list = Json::array();
  for (const Guess& guess : guesses) {
    list.push_back({{key, printable(guess.name)}, {"probability", guess.probability}});
  }
  return list;
}

std::vector<Guess> guesses_of(const Json& json, const char* list_key, const char* key, const std::string& where) {
  const Json& list = field(json, list_key, where);
  if (!list.is_array() || list.empty()) fail("{}: '{}' is not a list of classes", where, list_key);
  std::vector<Guess> guesses;
  for (const Json& guess : list) {
    guesses.push_back(
        {.name = read_field<std::string>(guess, key, where), .probability = read_number(guess, "probability", where)});
  }
  return guesses;
}

Prediction prediction_of(const Json& json, const std::string& where) {
  if (!json.is_object()) fail("{}: not an object", where);
  const auto image = read_field<std::string>(json, "image", where);
  if (json.contains("mask")) return Painted{image, read_field<std::string>(json, "mask", where)};
  if (json.contains("scores")) {
    return Labelled{image, read_field<std::vector<std::string>>(json, "labels", where),
                    guesses_of(json, "scores", "label", where)};
  }
  Ranked ranked{.image = image, .truth = "", .guesses = {}};
  if (json.contains("true")) ranked.truth = read_field<std::string>(json, "true", where);
  ranked.guesses = guesses_of(json, "predictions", "class", where);
  return ranked;
}

const std::vector<Guess>& guesses_of(const Prediction& prediction) {
  static const std::vector<Guess> none;
  const Overload visit{[](const Ranked& one) -> const std::vector<Guess>& { return one.guesses; },
                       [](const Labelled& one) -> const std::vector<Guess>& { return one.scores; },
                       [](const Painted&) -> const std::vector<Guess>& { return none; }};
  return std::visit(visit, prediction);
}

/// The first two cells of a line.
std::string head_of(const Prediction& prediction) {
  const Overload truth{[](const Ranked& one) { return one.truth; },
                       [](const Labelled& one) {
                         std::string joined;
                         for (const std::string& label : one.truth) joined += (joined.empty() ? "" : "|") + label;
                         return joined;
                       },
                       [](const Painted& one) { return one.mask; }};
  const std::string image = std::visit([](const auto& one) { return one.image; }, prediction);
  return csv_field(image) + ',' + csv_field(std::visit(truth, prediction));
}

}  // namespace

Json to_json(const Prediction& prediction) {
  Json json;
  json["image"] = printable(std::visit([](const auto& one) { return one.image; }, prediction));
  const Overload rest{[&](const Ranked& one) {
                        if (!one.truth.empty()) json["true"] = printable(one.truth);
                        json["predictions"] = guesses_json(one.guesses, "class");
                      },
                      [&](const Labelled& one) {
                        json["labels"] = Json::array();
                        for (const std::string& label : one.truth) json["labels"].push_back(printable(label));
                        json["scores"] = guesses_json(one.scores, "label");
                      },
                      [&](const Painted& one) { json["mask"] = printable(one.mask); }};
  std::visit(rest, prediction);
  return json;
}

std::string predictions_csv(const std::vector<Prediction>& predictions) {
  std::size_t columns = 0;
  bool masks = false;
  for (const Prediction& prediction : predictions) {
    columns = std::max(columns, guesses_of(prediction).size());
    masks = masks || std::holds_alternative<Painted>(prediction);
  }
  std::string text = masks ? "image,mask" : "image,true";
  for (std::size_t i = 1; i <= columns; ++i) text += format(",class{},probability{}", i, i);
  text += '\n';
  for (const Prediction& prediction : predictions) {
    text += head_of(prediction);
    for (const Guess& guess : guesses_of(prediction)) {
      text += format(",{},{:.6f}", csv_field(guess.name), guess.probability);
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
  Json list = Json::array();
  for (const Prediction& prediction : predictions) list.push_back(to_json(prediction));
  write_file(path, json_text(list, 1) + "\n");
}

std::vector<Prediction> read_predictions(const std::filesystem::path& path) {
  const Json list = parse_json(read_text(path));
  if (!list.is_array()) {
    fail("{}: not a JSON list of predictions; 'eval --predictions FILE.json' and 'predict --json' write one",
         path.string());
  }
  std::vector<Prediction> predictions;
  for (const Json& json : list) {
    predictions.push_back(prediction_of(json, format("{}: entry {}", path.string(), predictions.size() + 1)));
  }
  return predictions;
}

}  // namespace springbok::metrics
