// Preprocess as JSON, and its digest.
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/data/transform.h"

namespace springbok::data {
namespace {

using nlohmann::json;

template <class T>
constexpr const char* expected() {
  if constexpr (std::is_same_v<T, int>) return "a whole number";
  if constexpr (std::is_same_v<T, double>) return "a number";
  if constexpr (std::is_same_v<T, std::string>) return "a text";
  return "a list of numbers";
}

template <class T>
bool fits(const json& value) {
  if constexpr (std::is_same_v<T, int>) return value.is_number_integer();
  if constexpr (std::is_same_v<T, double>) return value.is_number();
  if constexpr (std::is_same_v<T, std::string>) return value.is_string();
  return value.is_array() && std::all_of(value.begin(), value.end(), [](const json& v) { return v.is_number(); });
}

/// Takes the entries of an object one by one, and knows which were left.
class Reader {
 public:
  Reader(const json& object, const std::string& where) : object_(object), where_(where) {
    if (!object.is_object()) fail("{}: expects an object, got {}", where, object.type_name());
  }
  template <class T>
  void take(const char* key, T& field) {
    const auto found = object_.find(key);
    if (found == object_.end()) fail("{}: key '{}' is missing", where_, key);
    if (!fits<T>(*found)) fail("{}: {}: expects {}, got {}", where_, key, expected<T>(), found->dump());
    field = found->get<T>();
    taken_.emplace_back(key);
  }
  void finish() const {
    for (const auto& [key, value] : object_.items()) {
      if (std::find(taken_.begin(), taken_.end(), key) != taken_.end()) continue;
      const std::string near = closest(key, taken_);
      fail("{}: unknown key '{}'{}", where_, key, near.empty() ? "" : format(" (did you mean '{}'?)", near));
    }
  }

 private:
  const json& object_;
  const std::string& where_;
  std::vector<std::string> taken_;
};

}  // namespace

nlohmann::ordered_json to_json(const Preprocess& preprocess) {
  return {{"size", preprocess.size},
          {"channels", preprocess.channels},
          {"interpolation", preprocess.interpolation},
          {"resampler", preprocess.resampler},
          {"crop_ratio", preprocess.crop_ratio},
          {"mean", preprocess.mean},
          {"std", preprocess.std}};
}

Preprocess preprocess_from_json(const json& object, const std::string& where) {
  Preprocess preprocess;
  Reader reader(object, where);
  reader.take("size", preprocess.size);
  reader.take("channels", preprocess.channels);
  reader.take("interpolation", preprocess.interpolation);
  reader.take("resampler", preprocess.resampler);
  reader.take("crop_ratio", preprocess.crop_ratio);
  reader.take("mean", preprocess.mean);
  reader.take("std", preprocess.std);
  reader.finish();
  validate(preprocess, where);
  return preprocess;
}

std::string digest(const Preprocess& preprocess) {
  const std::string text = to_json(preprocess).dump();
  return sha256(std::as_bytes(std::span(text))).substr(0, 16);
}

std::vector<std::string> differences(const Preprocess& now, const Preprocess& then) {
  std::vector<std::string> found;
  const nlohmann::ordered_json before = to_json(then), after = to_json(now);  // items() keeps no copy
  for (const auto& [key, value] : after.items()) {
    if (value != before[key]) found.push_back(format("{} {} instead of {}", key, value.dump(), before[key].dump()));
  }
  return found;
}

void validate(const Preprocess& preprocess, const std::string& where) {
  constexpr int kLargest = 1 << 14;
  if (preprocess.size < 1 || preprocess.size > kLargest) {
    fail_usage("{}: size: must be between 1 and {}, got {}", where, kLargest, preprocess.size);
  }
  if (preprocess.channels != 1 && preprocess.channels != 3) {
    fail_usage("{}: channels: must be 1 (grey) or 3 (RGB), got {}", where, preprocess.channels);
  }
  const bool possible = preprocess.crop_ratio > 0 && preprocess.crop_ratio <= 1;
  if (!possible) {
    fail_usage("{}: crop_ratio: must be above 0 and at most 1, got {}", where, preprocess.crop_ratio);
  }
  const auto channels = static_cast<std::size_t>(preprocess.channels);
  const auto check_length = [&](const char* key, const std::vector<double>& values) {
    if (values.size() != channels) {
      fail_usage("{}: {}: has {} values for {} channels", where, key, values.size(), channels);
    }
  };
  check_length("mean", preprocess.mean);
  check_length("std", preprocess.std);
  for (const double value : preprocess.std) {
    if (!(value > 0)) fail_usage("{}: std: must be above 0, got {}", where, value);
  }
  image::filter_from_name(preprocess.interpolation);
  image::pass_order_from_name(preprocess.resampler);
}

}  // namespace springbok::data
