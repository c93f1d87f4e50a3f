// Reading JSON strictly and writing it for any reader.
#include "springbok/base/json.h"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <vector>

#include "springbok/base/quote.h"
#include "springbok/base/text.h"

namespace springbok {
namespace {

using Json = nlohmann::ordered_json;

/// Whether brackets outside of texts nest too deep, or an object has more keys than can be looked up one by one. What
/// is no JSON may be counted wrongly: the parser refuses it.
bool is_unwieldy(std::string_view text) {
  constexpr std::size_t kMostLevels = 100, kMostKeys = 10'000, kNoObject = ~std::size_t{0};
  std::vector<std::size_t> commas;  // of each open bracket
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      if (c == '\\') ++i;
      in_text = c != '"';
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      commas.push_back(c == '{' ? 0 : kNoObject);
      if (commas.size() > kMostLevels) return true;
    } else if (commas.empty()) {
      continue;
    } else if (c == ']' || c == '}') {
      commas.pop_back();
    } else if (c == ',' && commas.back() != kNoObject && ++commas.back() >= kMostKeys) {
      return true;
    }
  }
  return false;
}

/// The same value with texts that are UTF-8.
Json in_utf8(const Json& json) {
  if (json.is_string()) return printable(json.get_ref<const std::string&>());
  if (json.is_array()) {
    Json list = Json::array();
    for (const Json& item : json) list.push_back(in_utf8(item));
    return list;
  }
  if (!json.is_object()) return json;
  Json object = Json::object();
  for (const auto& [key, value] : json.items()) object[printable(key)] = in_utf8(value);
  return object;
}

/// JSON's own escapes for the characters that `printable` escapes and JSON need not.
std::string without_controls(const std::string& text) {
  const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
  std::string safe;
  safe.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned a = byte(i), b = byte(i + 1), c = byte(i + 2);
    if (a == 0x7F) {
      safe += "\\u007f";
    } else if (a == 0xC2 && b < 0xA0) {
      safe += format("\\u{:04x}", b);
      i += 1;
    } else if (a == 0xE2 && ((b == 0x80 && c >= 0xA8 && c <= 0xAE) || (b == 0x81 && c >= 0xA6 && c <= 0xA9))) {
      safe += format("\\u{:04x}", 0x2000U | (b & 0x3FU) << 6U | (c & 0x3FU));
      i += 2;
    } else {
      safe += text[i];
    }
  }
  return safe;
}

}  // namespace

Json parse_json(std::string_view text) {
  // The parser takes a NUL for the end of the text.
  if (text.find('\0') != std::string_view::npos || is_unwieldy(text)) return Json(Json::value_t::discarded);
  return Json::parse(text, nullptr, false);
}

std::string json_text(const Json& json, int indent) {
  try {
    return without_controls(json.dump(indent));
  } catch (const Json::type_error&) {
    return without_controls(in_utf8(json).dump(indent));
  }
}

}  // namespace springbok
