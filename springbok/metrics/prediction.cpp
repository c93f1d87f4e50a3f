// Predictions as CSV and JSON, and back.
#include "springbok/metrics/prediction.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "springbok/base/fields.h"
#include "springbok/base/file.h"
#include "springbok/base/label_sizes.h"
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

constexpr std::array<std::pair<char, std::uint8_t>, 3> kSizeLetters{{{'s', kSmall}, {'m', kMedium}, {'l', kLarge}}};

/// `sm` for small and medium; "" where the size is not known.
std::string size_text(std::uint8_t sizes) {
  std::string text;
  for (const auto& [letter, bit] : kSizeLetters) text += (sizes & bit) != 0 ? std::string(1, letter) : "";
  return text;
}

std::uint8_t sizes_of(const std::string& text, const std::string& where) {
  if (text.empty()) return kUnsized;
  unsigned sizes = 0;
  for (const char each : text) {
    const auto* const known = std::find_if(kSizeLetters.begin(), kSizeLetters.end(),
                                           [&](const auto& letter) { return letter.first == each; });
    if (known == kSizeLetters.end()) fail("{}: 'sizes' are made of s, m and l, not '{}'", where, shortened(text));
    sizes |= known->second;
  }
  return static_cast<std::uint8_t>(sizes);
}

Labelled labelled_of(const Json& json, const std::string& image, const std::string& where) {
  Labelled labelled{.image = image, .truth = {}, .scores = guesses_of(json, "scores", "label", where)};
  if (json.contains("labels")) labelled.truth = read_field<std::vector<std::string>>(json, "labels", where);
  if (json.contains("loss")) labelled.loss = read_number(json, "loss", where);
  if (!json.contains("sizes")) return labelled;
  for (const auto& text : read_field<std::vector<std::string>>(json, "sizes", where)) {
    labelled.sizes.push_back(sizes_of(text, where));
  }
  if (labelled.sizes.size() != labelled.truth.size()) {
    fail("{}: it has {} 'sizes' for {} 'labels'", where, labelled.sizes.size(), labelled.truth.size());
  }
  return labelled;
}

Painted painted_of(const Json& json, const std::string& image, const std::string& where) {
  Painted painted{.image = image, .mask = read_field<std::string>(json, "mask", where)};
  if (!json.contains("pixels")) return painted;
  for (const Json& row : json["pixels"]) {
    const bool fits =
        row.is_array() && row.size() == 3 && row[0].is_string() && row[1].is_string() && row[2].is_number_unsigned();
    if (!fits) fail("{}: 'pixels' are lists of two classes and a count", where);
    painted.pixels.push_back({row[0], row[1], row[2]});
  }
  return painted;
}

Json labelled_json(const Labelled& one) {
  Json json = Json::object();
  if (one.known()) {
    json["labels"] = Json::array();
    for (const std::string& label : one.truth) json["labels"].push_back(printable(label));
  }
  const bool sized = std::any_of(one.sizes.begin(), one.sizes.end(), [](auto sizes) { return sizes != kUnsized; });
  for (std::size_t i = 0; sized && i < one.sizes.size(); ++i) json["sizes"].push_back(size_text(one.sizes[i]));
  if (!std::isnan(one.loss)) json["loss"] = one.loss;
  json["scores"] = guesses_json(one.scores, "label");
  return json;
}

Json painted_json(const Painted& one) {
  Json json{{"mask", printable(one.mask)}};
  if (one.pixels.empty()) return json;
  json["mean_iou"] = 100 * one.mean_iou();
  for (const PixelCount& cell : one.pixels) {
    json["pixels"].push_back({printable(cell.truth), printable(cell.predicted), cell.count});
  }
  return json;
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

double Painted::mean_iou() const {
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> classes;  // both, in truth or prediction
  for (const PixelCount& cell : pixels) {
    const bool right = cell.truth == cell.predicted;
    classes[cell.truth].first += right ? cell.count : 0;
    classes[cell.truth].second += cell.count;
    if (!right && !cell.predicted.empty()) classes[cell.predicted].second += cell.count;
  }
  double sum = 0, seen = 0;
  for (const auto& [name, counts] : classes) {
    if (counts.second == 0) continue;
    sum += static_cast<double>(counts.first) / static_cast<double>(counts.second);
    ++seen;
  }
  return seen == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / seen;
}

Json to_json(const Prediction& prediction) {
  Json json;
  json["image"] = printable(std::visit([](const auto& one) { return one.image; }, prediction));
  const Overload rest{[&](const Ranked& one) {
                        if (!one.truth.empty()) json["true"] = printable(one.truth);
                        json["predictions"] = guesses_json(one.guesses, "class");
                      },
                      [&](const Labelled& one) { json.update(labelled_json(one)); },
                      [&](const Painted& one) { json.update(painted_json(one)); }};
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
  std::string text = masks ? "image,mask,mean_iou" : "image,true";
  for (std::size_t i = 1; i <= columns; ++i) text += format(",class{},probability{}", i, i);
  text += '\n';
  for (const Prediction& prediction : predictions) {
    text += head_of(prediction);
    if (const auto* painted = std::get_if<Painted>(&prediction); painted != nullptr) {
      text += painted->pixels.empty() ? "," : format(",{:.4f}", 100 * painted->mean_iou());
    }
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

Prediction prediction_from_json(const Json& json, const std::string& where) {
  if (!json.is_object()) fail("{}: not an object", where);
  const auto image = read_field<std::string>(json, "image", where);
  if (json.contains("mask")) return painted_of(json, image, where);
  if (json.contains("scores")) return labelled_of(json, image, where);
  Ranked ranked{.image = image, .truth = "", .guesses = {}};
  if (json.contains("true")) ranked.truth = read_field<std::string>(json, "true", where);
  ranked.guesses = guesses_of(json, "predictions", "class", where);
  return ranked;
}

std::vector<Prediction> read_predictions(const std::filesystem::path& path) {
  const Json list = parse_json(read_text(path));
  if (!list.is_array()) {
    fail("{}: not a JSON list of predictions; 'eval --predictions FILE.json' and 'predict --json' write one",
         path.string());
  }
  std::vector<Prediction> predictions;
  for (const Json& json : list) {
    predictions.push_back(prediction_from_json(json, format("{}: entry {}", path.string(), predictions.size() + 1)));
  }
  return predictions;
}

}  // namespace springbok::metrics
