// Labels to class indices.
#include "springbok/data/source/class_names.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "springbok/base/error.h"
#include "springbok/base/lines.h"
#include "springbok/base/text.h"

namespace springbok::data {
namespace {

constexpr std::int32_t kMostClasses = 1 << 20;

std::optional<std::int32_t> whole_number(const std::string& text) {
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size() && value >= 0 && value < kMostClasses;
  return whole ? std::optional(value) : std::nullopt;
}

/// "0", "1", ... up to the largest label, or the labels themselves.
std::vector<std::string> names_in(const std::vector<std::string>& labels) {
  std::int32_t most = -1;
  bool numbers = true;
  for (const std::string& each : labels) {
    const auto number = whole_number(each);
    numbers = numbers && number.has_value();
    if (number) most = std::max(most, *number);
  }
  std::vector<std::string> names;
  if (numbers) {
    for (std::int32_t i = 0; i <= most; ++i) names.push_back(std::to_string(i));
    return names;
  }
  names = labels;
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

std::vector<std::string> names_if_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) ? read_names(path) : std::vector<std::string>();
}

Labelled label(const std::vector<std::string>& labels, const std::vector<std::string>& names,
               const std::string& where) {
  return label(labels, names, [&](std::size_t i) { return format("{}: sample {}", where, with_commas(i + 1)); });
}

Labelled label(const std::vector<std::string>& labels, const std::vector<std::string>& names,
               const std::function<std::string(std::size_t)>& where) {
  Labelled result{.classes = names.empty() ? names_in(labels) : names, .targets = {}};
  std::map<std::string, std::int32_t> index;
  for (std::size_t i = 0; i < result.classes.size(); ++i) {
    index.emplace(result.classes[i], static_cast<std::int32_t>(i));
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto found = index.find(labels[i]);
    const auto number = whole_number(labels[i]);
    if (found != index.end()) {
      result.targets.push_back(found->second);
    } else if (number && static_cast<std::size_t>(*number) < result.classes.size()) {
      result.targets.push_back(*number);
    } else {
      fail("{} has the label '{}', which is none of the {} classes", where(i), labels[i], result.classes.size());
    }
  }
  return result;
}

}  // namespace springbok::data
