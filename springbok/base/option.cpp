// Options: fields set from text or JSON within their limits, and shown again as JSON.
#include "springbok/base/option.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "springbok/base/choice.h"
#include "springbok/base/error.h"
#include "springbok/base/json.h"
#include "springbok/base/overload.h"

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

void check_range(const Option& option, double value, const std::string& shown, const std::string& where) {
  const bool within = std::isfinite(value) && option.min <= value && value <= option.max;
  if (!within) fail_usage("{}: must be {}, got {}", where, range_text(option), shown);
}

/// Of a number that was read in its kind's widest type: a limit as large as 2^63 is none.
template <class Number, class Wide>
void store(const Option& option, Number* field, Wide value, const std::string& where) {
  if constexpr (sizeof(Number) < sizeof(Wide)) {
    const bool fits =
        option.min >= std::numeric_limits<Number>::min() && option.max <= std::numeric_limits<Number>::max();
    check(fits, "an option's range fits its field");
  }
  check_range(option, static_cast<double>(value), format("{}", value), where);
  *field = static_cast<Number>(value);
}

void store(const Option& option, std::vector<double>* field, std::vector<double> value, const std::string& where) {
  for (const double number : value) check_range(option, number, format("{}", number), where);
  *field = std::move(value);
}

[[noreturn]] void fail_choice(const Option& option, const std::string& text, const std::string& where) {
  fail_usage("{}: '{}' is not one of {}{}", where, text, join(option.choices), hint(text, option.choices));
}

void check_choice(const Option& option, const std::string& text, const std::string& where) {
  const Texts& known = option.choices;
  if (known.empty() || std::find(known.begin(), known.end(), text) != known.end()) return;
  fail_choice(option, text, where);
}

void store(const Option& option, std::string* field, std::string value, const std::string& where) {
  check_choice(option, value, where);
  *field = std::move(value);
}

void store(const Option& option, Texts* field, Texts value, const std::string& where) {
  for (const std::string& text : value) check_choice(option, text, where);
  *field = std::move(value);
}

void store(const Option& option, const EnumField& field, const std::string& name, const std::string& where) {
  const auto choice = find_choice<std::size_t>(name, option.choices);
  if (!choice) fail_choice(option, name, where);
  field.choose(*choice);
}

constexpr const char* kBool = "true or false";
constexpr const char* kWhole = "a whole number";
constexpr const char* kNumber = "a number";
constexpr const char* kNumbers = "a list of numbers";

/// One of a list.
double number_of(const std::string& text, const std::string& where) {
  const auto value = parse_number<double>(text);
  if (value && std::isfinite(*value)) return *value;
  fail_usage("{}: '{}' is not a number; give numbers separated by commas", where, text);
}

std::vector<double> numbers_of(const Texts& texts, const std::string& where) {
  std::vector<double> numbers;
  for (const std::string& text : texts) numbers.push_back(number_of(text, where));
  return numbers;
}

/// From text, by the kind of field.
struct FromText {
  const Option& option;
  const std::string& text;
  const std::string& where;

  [[noreturn]] void refuse(const char* expected) const { fail_type(expected, format("'{}'", text), where); }
  void whole(auto* field) const {
    const auto value = parse_number<std::int64_t>(text);
    if (!value) refuse(kWhole);
    store(option, field, *value, where);
  }

  void operator()(bool* field) const {
    const auto value = parse_bool(text);
    if (!value) refuse(kBool);
    *field = *value;
  }
  void operator()(int* field) const { whole(field); }
  void operator()(std::int64_t* field) const { whole(field); }
  void operator()(double* field) const {
    const auto value = parse_number<double>(text);
    if (!value) refuse(kNumber);
    store(option, field, *value, where);
  }
  void operator()(std::string* field) const { store(option, field, text, where); }
  void operator()(std::vector<double>* field) const { store(option, field, numbers_of(split(text), where), where); }
  void operator()(Texts* field) const { store(option, field, split(text), where); }
  void operator()(const EnumField& field) const { store(option, field, text, where); }
};

/// From JSON, by the kind of field.
struct FromJson {
  const Option& option;
  const Json& value;
  const std::string& where;

  void expect(bool fits, const char* expected) const {
    if (!fits) fail_type(expected, json_text(value), where);
  }
  std::string text() const {
    expect(value.is_string(), "a text");
    return value.get<std::string>();
  }
  void whole(auto* field) const {
    const bool too_large = value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX;
    expect(value.is_number_integer() && !too_large, kWhole);
    store(option, field, value.get<std::int64_t>(), where);
  }

  void operator()(bool* field) const {
    expect(value.is_boolean(), kBool);
    *field = value.get<bool>();
  }
  void operator()(int* field) const { whole(field); }
  void operator()(std::int64_t* field) const { whole(field); }
  void operator()(double* field) const {
    expect(value.is_number(), kNumber);
    store(option, field, value.get<double>(), where);
  }
  void operator()(std::string* field) const { store(option, field, text(), where); }
  void operator()(std::vector<double>* field) const {
    if (value.is_string()) return FromText{option, value.get<std::string>(), where}(field);
    expect(value.is_array(), kNumbers);
    std::vector<double> numbers;
    for (const Json& item : value) {
      expect(item.is_number() || item.is_string(), kNumbers);
      numbers.push_back(
          number_of(item.is_string() ? item.get<std::string>() : format("{}", item.get<double>()), where));
    }
    store(option, field, std::move(numbers), where);
  }
  void operator()(Texts* field) const {
    if (value.is_string()) return store(option, field, split(value.get<std::string>()), where);
    const bool texts =
        value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_string(); });
    expect(texts, "a list of texts");
    store(option, field, value.get<Texts>(), where);
  }
  void operator()(const EnumField& field) const { store(option, field, text(), where); }
};

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
  std::visit(FromText{option, text, where}, option.field);
}

void set_option(const Option& option, const Json& value, const std::string& where) {
  std::visit(FromJson{option, value, where}, option.field);
}

void check_option(const Option& option, const std::string& where) {
  set_option(option, option_value(option), where);
}

Json option_value(const Option& option) {
  const Overload value{[&](const EnumField& field) { return Json(name_of(field.choice(), option.choices)); },
                       [](const auto* field) { return Json(*field); }};
  return std::visit(value, option.field);
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
