// Text formatting for people: numbers, sizes, durations and near misses of a typo.
#include "springbok/base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace springbok {

std::string with_commas(std::int64_t value) {
  std::string digits = std::to_string(value < 0 ? -value : value);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return value < 0 ? "-" + digits : digits;
}

std::string human_bytes(std::uint64_t bytes) {
  if (bytes < 1000) return format("{} B", bytes);
  static constexpr std::array kUnits{"KB", "MB", "GB", "TB", "PB"};
  auto scaled = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  for (; scaled >= 999.95 && unit + 1 < kUnits.size(); ++unit) scaled /= 1000;
  return format("{:.1f} {}", scaled, kUnits[unit]);
}

std::string human_seconds(double seconds) {
  if (seconds < 59.95) return format("{:.1f}s", seconds);
  const auto whole = std::llround(seconds);
  if (whole < 3600) return format("{}m {:02}s", whole / 60, whole % 60);
  return format("{}h {:02}m", whole / 3600, whole % 3600 / 60);
}

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string closest(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string joined;
  for (const std::string& part : parts) {
    if (&part != &parts.front()) joined += separator;
    joined += part;
  }
  return joined;
}

std::string join_first(std::vector<std::string> parts, std::size_t most) {
  const std::size_t more = parts.size() - std::min(parts.size(), most);
  parts.resize(parts.size() - more);
  return join(parts) + (more > 0 ? format(" and {} more", more) : "");
}

}  // namespace springbok
