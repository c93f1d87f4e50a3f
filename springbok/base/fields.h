// Fields of JSON objects that were written by others: each is there and of the right type, or a clear error.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "springbok/base/error.h"
#include "springbok/base/json.h"
#include "springbok/base/quote.h"

namespace springbok {

/// The value at `key`. Throws Error naming `where` (a file, or FILE:LINE) and the key.
inline const nlohmann::ordered_json& field(const nlohmann::ordered_json& json, const std::string& key,
                                           const std::string& where) {
  const auto at = json.find(key);
  if (at == json.end()) fail("{}: says nothing of '{}'; it was not written by springbok, or is damaged", where, key);
  return *at;
}

[[noreturn]] inline void fail_type(const nlohmann::ordered_json& json, const std::string& key,
                                   const std::string& where) {
  fail("{}: its '{}' is not of the right type: {}", where, key, shortened(json_text(field(json, key, where))));
}

template <class T>
T read_field(const nlohmann::ordered_json& json, const std::string& key, const std::string& where) {
  try {
    return field(json, key, where).get<T>();
  } catch (const nlohmann::json::exception&) {
    fail_type(json, key, where);
  }
}

/// A whole number between `least` and `most`.
inline std::int64_t read_count(const nlohmann::ordered_json& json, const std::string& key, const std::string& where,
                               std::int64_t least, std::int64_t most = std::numeric_limits<std::int64_t>::max()) {
  const nlohmann::ordered_json& value = field(json, key, where);
  if (!value.is_number_integer()) fail_type(json, key, where);
  const bool huge = value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX};
  const std::int64_t count = huge ? 0 : value.get<std::int64_t>();
  if (!huge && count >= least && count <= most) return count;
  fail("{}: its '{}' must be between {} and {}, got {}", where, key, least, most, json_text(value));
}

/// A number; JSON writes those that are not finite as null.
inline double read_number(const nlohmann::ordered_json& json, const std::string& key, const std::string& where) {
  constexpr double kMost = 1e100;  // beyond that, no axis can be drawn
  const nlohmann::ordered_json& value = field(json, key, where);
  if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (!value.is_number()) fail_type(json, key, where);
  const auto number = value.get<double>();
  if (std::abs(number) > kMost) fail("{}: its '{}' is {}, which nothing here can be", where, key, json_text(value));
  return number;
}

}  // namespace springbok
