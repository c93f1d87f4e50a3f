// Reading timm's config.json.
#include "springbok/model/timm_config.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"

namespace springbok::model {
namespace {

using nlohmann::json;

/// Values of a configuration by key; null is as good as absent.
class Values {
 public:
  Values(const json& object, const std::string& where) : object_(object), where_(where) {}

  const json* find(const char* key) const {
    const auto at = object_.find(key);
    return at == object_.end() || at->is_null() ? nullptr : &*at;
  }
  std::string text(const char* key, const std::string& otherwise = "") const {
    const json* value = find(key);
    if (value != nullptr && !value->is_string()) wrong(key, "a text", *value);
    return value == nullptr ? otherwise : value->get<std::string>();
  }
  double number(const char* key, double otherwise) const {
    const json* value = find(key);
    if (value != nullptr && !value->is_number()) wrong(key, "a number", *value);
    return value == nullptr ? otherwise : value->get<double>();
  }
  std::vector<double> numbers(const char* key, const std::vector<double>& otherwise) const {
    const json* value = find(key);
    if (value == nullptr) return otherwise;
    const bool fits = value->is_array() &&
                      std::all_of(value->begin(), value->end(), [](const json& item) { return item.is_number(); });
    if (!fits) wrong(key, "a list of numbers", *value);
    return value->get<std::vector<double>>();
  }
  std::int64_t count(const char* key, std::int64_t otherwise) const {
    const json* value = find(key);
    if (value != nullptr && !value->is_number_integer()) wrong(key, "a whole number", *value);
    return value == nullptr ? otherwise : value->get<std::int64_t>();
  }
  /// Of [channels, height, width]; 0 where it is not said.
  int side(const char* key) const {
    constexpr double kMost = 1 << 14;
    const std::vector<double> shape = numbers(key, {});
    if (shape.empty()) return 0;
    const bool square = shape.size() == 3 && shape[1] == shape[2] && shape[1] >= 1 && shape[1] <= kMost;
    if (!square) wrong(key, "[channels, size, size] with a size of 1 to 16384", *find(key));
    return static_cast<int>(shape[1]);
  }

 private:
  [[noreturn]] void wrong(const char* key, const char* expected, const json& value) const {
    fail("{}: {}: expects {}, got {}", where_, key, expected, value.dump());
  }

  const json& object_;
  const std::string& where_;
};

/// `label_names`: a list of texts.
std::vector<std::string> labels_of(const json& root) {
  const auto at = root.find("label_names");
  std::vector<std::string> names;
  if (at == root.end() || !at->is_array()) return names;
  for (const json& name : *at) {
    if (!name.is_string()) return {};
    names.push_back(name.get<std::string>());
  }
  return names;
}

}  // namespace

bool is_timm_config(const json& object) {
  if (!object.is_object()) return false;
  if (object.contains("pretrained_cfg")) return object["pretrained_cfg"].is_object();
  return object.contains("crop_pct") || (object.contains("input_size") && object.contains("mean"));
}

TimmConfig timm_config(const json& object, const std::string& where) {
  const bool nested = object.contains("pretrained_cfg");
  const Values values(nested ? object["pretrained_cfg"] : object, where), root(object, where);
  const int train_size = values.side("input_size"), test_size = values.side("test_input_size");
  const double train_crop = values.number("crop_pct", 0.875), test_crop = values.number("test_crop_pct", train_crop);
  TimmConfig config;
  config.architecture = root.text("architecture", values.text("architecture"));
  const std::string tag = values.text("tag");
  config.name = config.architecture + (tag.empty() ? "" : "." + tag);
  config.classes = root.count("num_classes", values.count("num_classes", 0));
  config.labels = labels_of(object);
  if (config.labels.empty() && nested) config.labels = labels_of(object["pretrained_cfg"]);
  config.input.size = test_size > 0 ? test_size : train_size > 0 ? train_size : 224;
  config.input.crop_ratio = test_crop;
  config.input.interpolation = values.text("interpolation", "bicubic");
  config.input.mean = values.numbers("mean", config.input.mean);
  config.input.std = values.numbers("std", config.input.std);
  if (test_size > 0 && train_size > 0 && (test_size != train_size || test_crop != train_crop)) {
    config.other = format("size {}, crop_ratio {}", train_size, train_crop);
  }
  const std::string mode = values.text("crop_mode", "center");
  if (mode != "center") config.unsupported = format("crop_mode '{}'", mode);
  return config;
}

}  // namespace springbok::model
