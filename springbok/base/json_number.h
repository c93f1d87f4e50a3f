// Numbers in files that a run reads back: each is of its type and within its range, or one clear error.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "springbok/base/fields.h"

namespace springbok {

/// A whole number from `least` to `most`. Throws Error naming `where` and the key.
inline std::int64_t whole_number(const nlohmann::ordered_json& json, const std::string& key, const std::string& where,
                                 std::int64_t least = 0, std::int64_t most = std::numeric_limits<std::int64_t>::max()) {
  const nlohmann::ordered_json& entry = field(json, key, where);
  const bool fits =
      entry.is_number_unsigned()
          ? entry.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())
          : entry.is_number_integer();
  const std::int64_t value = fits ? entry.get<std::int64_t>() : 0;
  if (!fits || value < least || value > most) {
    const std::string range = most == std::numeric_limits<std::int64_t>::max() ? format("at least {}", least)
                                                                               : format("from {} to {}", least, most);
    fail("{}: its '{}' must be a whole number, {}, and is {}; it is damaged", where, key, range,
         shortened(json_text(entry)));
  }
  return value;
}

/// Whether it is a list of so many whole numbers of 0 and more.
inline bool is_count_list(const nlohmann::ordered_json& list, std::size_t size) {
  return list.is_array() && list.size() == size && std::all_of(list.begin(), list.end(), [](const auto& number) {
           return number.is_number_integer() && number.template get<std::int64_t>() >= 0;
         });
}

/// A finite number. Throws Error naming `where` and the key.
inline double finite_number(const nlohmann::ordered_json& json, const std::string& key, const std::string& where) {
  const nlohmann::ordered_json& entry = field(json, key, where);
  const double value = entry.is_number() ? entry.get<double>() : std::numeric_limits<double>::quiet_NaN();
  if (!std::isfinite(value)) {
    fail("{}: its '{}' must be a finite number and is {}; it is damaged", where, key, shortened(json_text(entry)));
  }
  return value;
}

}  // namespace springbok
