// Choices: the names of an `enum class` whose values are 0, 1, ... in the order of one list.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "springbok/base/error.h"

namespace springbok {

/// The name of a value. A value that is none of the enum's is our own bug.
template <class Enum>
const std::string& name_of(Enum value, const std::vector<std::string>& names) {
  const auto at = static_cast<std::size_t>(value);
  check(at < names.size(), "a choice has a name");
  return names[at];
}

/// The value of that name, or nothing.
template <class Enum>
std::optional<Enum> find_choice(const std::string& name, const std::vector<std::string>& names) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) return std::nullopt;
  return static_cast<Enum>(at - names.begin());
}

}  // namespace springbok
