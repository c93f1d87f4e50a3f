// The card as JSON and as safetensors metadata.
#include "springbok/model/card.h"

#include <nlohmann/json.hpp>

#include "springbok/base/fields.h"

namespace springbok::model {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMostClasses = 1 << 24, kMostChannels = 1 << 16;

/// A whole number from 1 to `most`.
std::int64_t read_size(const Json& json, const std::string& key, std::int64_t most, const std::string& where) {
  const Json& value = field(json, key, where);
  if (value.is_number_integer() && value >= 1 && value <= most) return value.get<std::int64_t>();
  fail("{}: its '{}' must be between 1 and {}, got {}", where, key, most, shortened(json_text(value)));
}

Json options_json(zoo::ModelOptions options) {
  Json json;
  json["classes"] = options.classes;
  json["channels"] = options.channels;
  json.update(option_values(zoo::option_table(options)));
  return json;
}

zoo::ModelOptions options_from_json(const Json& json, const std::string& where) {
  zoo::ModelOptions options;
  options.classes = read_size(json, "classes", kMostClasses, where);
  options.channels = read_size(json, "channels", kMostChannels, where);
  const Options table = zoo::option_table(options);
  for (const auto& [key, value] : json.items()) {
    if (key == "classes" || key == "channels") continue;
    const Option* option = find_option(table, key);
    if (option == nullptr) fail_unknown_key(table, key, where);
    set_option(*option, nlohmann::json(value), format("{}: {}", where, key));
  }
  return options;
}

/// Files that carry the digest of their preprocessing are held to it.
void check_preprocess(const Json& json, const data::Preprocess& preprocess, const std::string& where) {
  if (!json.contains("preprocess_digest")) return;
  const auto then = read_field<std::string>(json, "preprocess_digest", where), now = data::digest(preprocess);
  if (then == now) return;
  fail("{}: its preprocessing (digest {}) is not the one it was written with ({}); put that back", where, now, then);
}

}  // namespace

Json to_json(const Card& card) {
  Json json;
  json["model"] = card.model;
  json["task"] = metrics::name_of(card.task);
  json["options"] = options_json(card.options);
  json["classes"] = card.classes;
  json["preprocess"] = data::to_json(card.preprocess);
  json["preprocess_digest"] = data::digest(card.preprocess);
  if (!card.preprocess_from.empty()) json["preprocess_from"] = card.preprocess_from;
  json["metrics"] = card.score ? metrics::to_json(*card.score) : Json::object();
  json["recipe_digest"] = card.recipe_digest;
  if (card.val_share > 0) json["val_share"] = card.val_share;
  return json;
}

Card card_from_json(const Json& json, const std::string& where) {
  Card card;
  card.model = read_field<std::string>(json, "model", where);
  card.options = options_from_json(field(json, "options", where), where + ": options");
  card.classes = read_field<std::vector<std::string>>(json, "classes", where);
  card.preprocess =
      data::preprocess_from_json(nlohmann::json(field(json, "preprocess", where)), where + ": preprocess");
  check_preprocess(json, card.preprocess, where);
  if (json.contains("preprocess_from")) card.preprocess_from = read_field<std::string>(json, "preprocess_from", where);
  const Json& score = field(json, "metrics", where);
  if (!score.empty()) card.score = metrics::score_from_json(score, where + ": metrics");
  if (json.contains("task")) card.task = metrics::task_named(read_field<std::string>(json, "task", where), where);
  card.recipe_digest = read_field<std::string>(json, "recipe_digest", where);
  if (json.contains("val_share")) card.val_share = read_field<double>(json, "val_share", where);
  if (card.val_share < 0 || card.val_share >= 1) fail("{}: its 'val_share' is {}, no share", where, card.val_share);
  if (card.options.classes != static_cast<std::int64_t>(card.classes.size())) {
    fail("{}: names {} classes for a network of {}", where, card.classes.size(), card.options.classes);
  }
  return card;
}

std::map<std::string, std::string> to_metadata(const Card& card) {
  std::map<std::string, std::string> metadata = {{"format", "pt"}};
  const Json json = to_json(card);
  for (const auto& [key, value] : json.items()) {
    metadata[key] = value.is_string() ? value.get<std::string>() : json_text(value);
  }
  return metadata;
}

bool is_checkpoint(const tensors::Dict& root) {
  const auto* name = tensors::find_as<std::string>(root, "format");
  return name != nullptr && (*name == kCheckpointFormat || *name == kCheckpointFormatBefore);
}

bool has_card(const std::map<std::string, std::string>& metadata) {
  return metadata.contains("model") && metadata.contains("options") && metadata.contains("classes");
}

Card card_from_metadata(const std::map<std::string, std::string>& metadata, const std::string& where) {
  Json json = Json::object();
  for (const char* key : {"model", "task", "preprocess_digest", "preprocess_from", "recipe_digest"}) {
    if (metadata.contains(key)) json[key] = metadata.at(key);
  }
  for (const char* key : {"options", "classes", "preprocess", "metrics", "val_share"}) {
    if (!metadata.contains(key)) continue;
    json[key] = parse_json(metadata.at(key));
    if (json[key].is_discarded()) fail("{}: the metadata's '{}' is not JSON", where, key);
  }
  return card_from_json(json, where);
}

}  // namespace springbok::model
