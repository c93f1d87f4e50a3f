// Options: fields set from text or JSON within their limits, and shown again as JSON.
#include "springbok/base/option.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <type_traits>

#include "springbok/base/error.h"
#include "springbok/base/json.h"

namespace springbok {
namespace {

using Json = nlohmann::json;
using Texts = std::vector<std::string>;

std::string hint(const std::string& word, const Texts& known) {
  const std::string near = closest(word, known);
  return near.empty() ? "" : format(" (did you mean '{}'?)", near);
}

[[noreturn]] void fail_type(const char* expected, const std::string& got, const std::string& where) {
  fail_usage("{}: expects {}, got {}", where, expected, got);
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> parse_bool(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  if (text == "true" || text == "1" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "0" || text == "no" || text == "off") return false;
  return std::nullopt;
}

Texts split(const std::string& text) {
  Texts parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, end - begin);
    const auto first = part.find_first_not_of(' ');
    if (first != std::string::npos) parts.push_back(part.substr(first, part.find_last_not_of(' ') - first + 1));
    begin = end + 1;
  }
  return parts;
}

/// A limit: whole numbers with all their digits.
std::string limit_text(double limit) {
  constexpr double kAllExact = 1e15;
  return limit == std::floor(limit) && std::abs(limit) <= kAllExact ? format("{:.0f}", limit) : format("{}", limit);
}

std::string range_text(const Option& option) {
  const bool has_min = std::isfinite(option.min), has_max = std::isfinite(option.max);
  if (has_min && has_max) return format("between {} and {}", limit_text(option.min), limit_text(option.max));
  if (has_min) return format("at least {}", limit_text(option.min));
  if (has_max) return format("at most {}", limit_text(option.max));
  return "a finite number";
}

template <class Number>
void store(const Option& option, Number* field, Number value, const std::string& where) {
  const auto real = static_cast<double>(value);  // a limit as large as 2^63 is none
  if (!std::isfinite(real) || real < option.min || real > option.max) {
    fail_usage("{}: must be {}, got {}", where, range_text(option), value);
  }
  *field = value;
}

void check_choice(const Option& option, const std::string& text, const std::string& where) {
  const Texts& known = option.choices;
  if (known.empty() || std::find(known.begin(), known.end(), text) != known.end()) return;
  fail_usage("{}: '{}' is not one of {}{}", where, text, join(known), hint(text, known));
}

void store(const Option& option, std::string* field, std::string value, const std::string& where) {
  check_choice(option, value, where);
  *field = std::move(value);
}

void store(const Option& option, Texts* field, Texts value, const std::string& where) {
  for (const std::string& text : value) check_choice(option, text, where);
  *field = std::move(value);
}

constexpr const char* kBool = "true or false";
constexpr const char* kWhole = "a whole number";
constexpr const char* kNumber = "a number";

}  // namespace

std::string flag_name(const std::string& key) {
  std::string name = "--" + key;
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

const Option* find_option(const Options& options, const std::string& key) {
  const auto found = std::find_if(options.begin(), options.end(), [&](const Option& o) { return o.key == key; });
  return found == options.end() ? nullptr : &*found;
}

void set_option(const Option& option, const std::string& text, const std::string& where) {
  const auto quoted = [&] { return format("'{}'", text); };
  if (auto* const* field = std::get_if<bool*>(&option.field)) {
    const auto value = parse_bool(text);
    if (!value) fail_type(kBool, quoted(), where);
    **field = *value;
  } else if (auto* const* whole = std::get_if<std::int64_t*>(&option.field)) {
    const auto value = parse_number<std::int64_t>(text);
    if (!value) fail_type(kWhole, quoted(), where);
    store(option, *whole, *value, where);
  } else if (auto* const* real = std::get_if<double*>(&option.field)) {
    const auto value = parse_number<double>(text);
    if (!value) fail_type(kNumber, quoted(), where);
    store(option, *real, *value, where);
  } else if (auto* const* word = std::get_if<std::string*>(&option.field)) {
    store(option, *word, text, where);
  } else {
    store(option, std::get<Texts*>(option.field), split(text), where);
  }
}

void set_option(const Option& option, const Json& value, const std::string& where) {
  if (auto* const* field = std::get_if<bool*>(&option.field)) {
    if (!value.is_boolean()) fail_type(kBool, json_text(value), where);
    **field = value.get<bool>();
  } else if (auto* const* whole = std::get_if<std::int64_t*>(&option.field)) {
    const bool too_large = value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX;
    if (!value.is_number_integer() || too_large) fail_type(kWhole, json_text(value), where);
    store(option, *whole, value.get<std::int64_t>(), where);
  } else if (auto* const* real = std::get_if<double*>(&option.field)) {
    if (!value.is_number()) fail_type(kNumber, json_text(value), where);
    store(option, *real, value.get<double>(), where);
  } else if (auto* const* word = std::get_if<std::string*>(&option.field)) {
    if (!value.is_string()) fail_type("a text", json_text(value), where);
    store(option, *word, value.get<std::string>(), where);
  } else if (value.is_string()) {
    set_option(option, value.get<std::string>(), where);
  } else {
    const bool texts =
        value.is_array() && std::all_of(value.begin(), value.end(), [](auto& v) { return v.is_string(); });
    if (!texts) fail_type("a list of texts", json_text(value), where);
    store(option, std::get<Texts*>(option.field), value.get<Texts>(), where);
  }
}

void check_option(const Option& option, const std::string& where) {
  set_option(option, option_value(option), where);
}

Json option_value(const Option& option) {
  return std::visit([](const auto* field) { return Json(*field); }, option.field);
}

nlohmann::ordered_json option_values(const Options& options) {
  auto values = nlohmann::ordered_json::object();
  for (const Option& option : options) values[option.key] = option_value(option);
  return values;
}

void fail_unknown_key(const Options& options, const std::string& key, const std::string& where) {
  Texts known;
  for (const Option& option : options) known.push_back(option.key);
  fail_usage("{}: unknown key '{}'{}", where, key, hint(key, known));
}

}  // namespace springbok
