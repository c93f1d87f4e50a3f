// JSON and checkpoint values: the two forms of plain data.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "springbok/weights/value.h"

namespace springbok::train {

/// Objects become dictionaries, arrays lists.
weights::Value to_value(const nlohmann::ordered_json& json);

/// The reverse. Throws Error naming `where` for a tensor or an opaque object.
nlohmann::ordered_json to_json(const weights::Value& value, const std::string& where);

}  // namespace springbok::train
