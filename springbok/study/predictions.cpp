// Reading lists of predictions.
#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/study/fields.h"
#include "springbok/study/gallery.h"

namespace springbok::study {
namespace {

Prediction prediction_of(const Json& json, const std::string& where) {
  if (!json.is_object()) fail("{}: not an object", where);
  Prediction prediction{.image = read<std::string>(json, "image", where), .truth = "", .guesses = {}};
  if (json.contains("true")) prediction.truth = read<std::string>(json, "true", where);
  const Json& guesses = field(json, "predictions", where);
  if (!guesses.is_array() || guesses.empty()) fail("{}: 'predictions' is not a list of classes", where);
  for (const Json& guess : guesses) {
    prediction.guesses.push_back(
        {.name = read<std::string>(guess, "class", where), .probability = read_number(guess, "probability", where)});
  }
  return prediction;
}

}  // namespace

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

}  // namespace springbok::study
