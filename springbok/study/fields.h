// Fields of JSON objects that were written by others: each is there and of the right type, or a clear error.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "springbok/base/error.h"

namespace springbok::study {

using Json = nlohmann::ordered_json;

/// The value at `key`. Throws Error naming `where` (a file, or FILE:LINE) and the key.
inline const Json& field(const Json& json, const std::string& key, const std::string& where) {
  const auto at = json.find(key);
  if (at == json.end()) fail("{}: says nothing of '{}'; it was not written by springbok, or is damaged", where, key);
  return *at;
}

template <class T>
T read(const Json& json, const std::string& key, const std::string& where) {
  try {
    return field(json, key, where).get<T>();
  } catch (const nlohmann::json::exception&) {
    fail("{}: its '{}' is not of the right type: {}", where, key, field(json, key, where).dump());
  }
}

/// A number; JSON writes those that are not finite as null.
inline double read_number(const Json& json, const std::string& key, const std::string& where) {
  if (field(json, key, where).is_null()) return std::numeric_limits<double>::quiet_NaN();
  return read<double>(json, key, where);
}

}  // namespace springbok::study
