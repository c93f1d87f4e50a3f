// Preprocess as JSON, and its digest.
#include "springbok/data/augment/preprocess.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "springbok/base/choice.h"
#include "springbok/base/error.h"
#include "springbok/base/file.h"

namespace springbok::data {
namespace {

using nlohmann::json;

template <class T>
constexpr const char* expected() {
  if constexpr (std::is_same_v<T, int>) return "a whole number below 2^31";
  if constexpr (std::is_same_v<T, double>) return "a number";
  if constexpr (std::is_same_v<T, std::string>) return "a text";
  return "a list of numbers";
}

template <class T>
bool fits(const json& value) {
  if constexpr (std::is_same_v<T, int>) {
    constexpr auto kMost = std::numeric_limits<int>::max();
    if (value.is_number_unsigned()) return value.get<std::uint64_t>() <= kMost;
    return value.is_number_integer() && std::abs(value.get<double>()) <= kMost;
  }
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
    if (!object_.contains(key)) fail("{}: key '{}' is missing", where_, key);
    take_if_there(key, field);
  }
  template <class T>
  void take_if_there(const char* key, T& field) {
    taken_.emplace_back(key);
    const auto found = object_.find(key);
    if (found == object_.end()) return;
    if (!fits<T>(*found)) fail("{}: {}: expects {}, got {}", where_, key, expected<T>(), found->dump());
    field = found->get<T>();
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

nlohmann::ordered_json all_keys(const Preprocess& preprocess) {
  return {{"size", preprocess.size},
          {"channels", preprocess.channels},
          {"interpolation", name_of(preprocess.interpolation, image::filter_names())},
          {"resampler", name_of(preprocess.resampler, image::pass_order_names())},
          {"crop_ratio", preprocess.crop_ratio},
          {"mean", preprocess.mean},
          {"std", preprocess.std},
          {"exif", name_of(preprocess.exif, exif_names())},
          {"fit", name_of(preprocess.fit, fit_names())}};
}

void set_filters(Preprocess& preprocess, const std::string& interpolation, const std::string& resampler,
                 const std::string& where) {
  try {
    preprocess.interpolation = image::filter_from_name(interpolation);
    preprocess.resampler = image::pass_order_from_name(resampler);
  } catch (const UsageError& error) {
    fail_usage("{}: {}", where, error.what());
  }
}

/// Sets a choice from its name.
template <class Enum>
void choose(Enum& field, const char* key, const std::string& name, const std::vector<std::string>& names,
            const std::string& where) {
  const auto choice = find_choice<Enum>(name, names);
  if (!choice) fail_usage("{}: {}: '{}' is not one of {}", where, key, name, join(names));
  field = *choice;
}

}  // namespace

const std::vector<std::string>& exif_names() {
  static const std::vector<std::string> names{"ignore", "apply"};
  return names;
}

const std::vector<std::string>& fit_names() {
  static const std::vector<std::string> names{"crop", "squash", "native"};
  return names;
}

nlohmann::ordered_json to_json(const Preprocess& preprocess) {
  nlohmann::ordered_json json = all_keys(preprocess);
  if (preprocess.exif == Exif::ignore) json.erase("exif");
  if (preprocess.fit == Fit::crop) json.erase("fit");
  return json;
}

Preprocess preprocess_from_json(const json& object, const std::string& where) {
  Preprocess preprocess;
  std::string interpolation, resampler, exif = exif_names().front(), fit = fit_names().front();
  Reader reader(object, where);
  reader.take("size", preprocess.size);
  reader.take("channels", preprocess.channels);
  reader.take("interpolation", interpolation);
  reader.take("resampler", resampler);
  reader.take("crop_ratio", preprocess.crop_ratio);
  reader.take("mean", preprocess.mean);
  reader.take("std", preprocess.std);
  reader.take_if_there("exif", exif);
  reader.take_if_there("fit", fit);
  reader.finish();
  set_filters(preprocess, interpolation, resampler, where);
  choose(preprocess.exif, "exif", exif, exif_names(), where);
  choose(preprocess.fit, "fit", fit, fit_names(), where);
  validate(preprocess, where);
  return preprocess;
}

std::string digest(const Preprocess& preprocess) {
  const std::string text = to_json(preprocess).dump();
  return sha256(std::as_bytes(std::span(text))).substr(0, 16);
}

std::string summary(const Preprocess& preprocess) {
  const auto list = [](const std::vector<double>& values) {
    std::vector<std::string> texts;
    for (const double value : values) texts.push_back(format("{:.6g}", value));
    return join(texts, ",");
  };
  const int size = preprocess.size;
  const std::string filter = name_of(preprocess.interpolation, image::filter_names());
  std::string text = format("shorter side to {} ({}), centre {} x {}", shorter_side(preprocess), filter, size, size);
  if (preprocess.fit == Fit::squash) text = format("squashed to {} x {} ({})", size, size, filter);
  if (preprocess.fit == Fit::native) text = format("native size, trained on crops of {} x {}", size, size);
  text += format(", mean {}, std {}", list(preprocess.mean), list(preprocess.std));
  if (preprocess.exif == Exif::apply) text += ", turned as EXIF says";
  return text;
}

int shorter_side(const Preprocess& preprocess) {
  return static_cast<int>(preprocess.size / preprocess.crop_ratio);
}

std::vector<std::string> differences(const Preprocess& now, const Preprocess& then) {
  std::vector<std::string> found;
  const nlohmann::ordered_json before = all_keys(then), after = all_keys(now);  // items() keeps no copy
  for (const auto& [key, value] : after.items()) {
    if (value != before[key]) found.push_back(format("{} {} instead of {}", key, value.dump(), before[key].dump()));
  }
  return found;
}

void validate(const Preprocess& preprocess, const std::string& where) {
  if (preprocess.size < 1 || preprocess.size > kLargestSize) {
    fail_usage("{}: size: must be between 1 and {}, got {}", where, kLargestSize, preprocess.size);
  }
  if (preprocess.channels != 1 && preprocess.channels != 3) {
    fail_usage("{}: channels: must be 1 (grey) or 3 (RGB), got {}", where, preprocess.channels);
  }
  const auto check_range = [&](const char* key, double value, double low, double high) {
    const bool within = low <= value && value <= high;
    if (!within) fail_usage("{}: {}: must be between {} and {}, got {}", where, key, low, high, value);
  };
  check_range("crop_ratio", preprocess.crop_ratio, kLeastCropRatio, 1);
  const auto channels = static_cast<std::size_t>(preprocess.channels);
  const auto check_all = [&](const char* key, const std::vector<double>& values, double low) {
    if (values.size() != channels) {
      fail_usage("{}: {}: has {} values for {} channels", where, key, values.size(), channels);
    }
    for (const double value : values) check_range(key, value, low, kLargestStatistic);
  };
  check_all("mean", preprocess.mean, -kLargestStatistic);
  check_all("std", preprocess.std, kLeastStd);
}

}  // namespace springbok::data
