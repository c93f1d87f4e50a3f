// JSON and checkpoint values: the two forms of plain data.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "springbok/tensors/value.h"

namespace springbok::tensors {

/// Objects become dictionaries, arrays lists.
tensors::Value to_value(const nlohmann::ordered_json& json);

/// The reverse. Throws Error naming `where` for a tensor or an opaque object.
nlohmann::ordered_json to_json(const tensors::Value& value, const std::string& where);

}  // namespace springbok::tensors
