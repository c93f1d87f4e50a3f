// JSON as files and terminals hold it: read by one strict rule, written so that any text is fit for it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace springbok {

/// The value, or a discarded one where the text is not exactly one JSON value: nothing may follow it, not even behind a
/// NUL. It nests at most 100 deep, so that nothing that walks over it runs out of stack. No object of it has more than
/// 10,000 keys, which are looked up one after the other.
nlohmann::ordered_json parse_json(std::string_view text);

/// The text of a value, on one line or with `indent` spaces a level. Texts that are no UTF-8 are written as `printable`
/// shows them; what a terminal would act on stands as \u escapes.
std::string json_text(const nlohmann::ordered_json& json, int indent = -1);

}  // namespace springbok
