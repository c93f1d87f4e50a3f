// Matching a pattern's literals and numbers, and filling them in.
#include "springbok/weights/fit/key_map.h"

#include <optional>
#include <vector>

#include "springbok/base/error.h"

namespace springbok::weights {
namespace {

struct Found {
  std::vector<int> numbers;
  std::size_t end = 0;  ///< where the rest of the key begins
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The number at `at`, which moves behind it. Keys are a file's: longer numbers than any network has are none.
std::optional<int> number_at(std::string_view text, std::size_t& at) {
  constexpr std::size_t kMostDigits = 6;
  std::size_t end = at;
  int number = 0;
  while (end < text.size() && is_digit(text[end]) && end - at < kMostDigits) number = number * 10 + (text[end++] - '0');
  if (end == at) return std::nullopt;
  at = end;
  return number;
}

std::optional<Found> fit(std::string_view pattern, std::string_view key) {
  Found found;
  for (const char c : pattern) {
    if (c == '#') {
      const std::optional<int> number = number_at(key, found.end);
      if (!number) return std::nullopt;
      found.numbers.push_back(*number);
    } else if (found.end < key.size() && key[found.end] == c) {
      ++found.end;
    } else {
      return std::nullopt;
    }
  }
  if (found.end < key.size() && key[found.end] != '.') return std::nullopt;
  return found;
}

std::string fill(std::string_view to, const std::vector<int>& numbers) {
  std::string out;
  for (std::size_t at = 0; at < to.size();) {
    if (to[at] != '$') {
      out += to[at++];
      continue;
    }
    ++at;
    const std::optional<int> which = number_at(to, at);
    check(which && *which >= 1 && static_cast<std::size_t>(*which) <= numbers.size(), "a rule fills in what it found");
    int number = numbers[static_cast<std::size_t>(*which - 1)];
    if (at + 1 < to.size() && (to[at] == '+' || to[at] == '-') && is_digit(to[at + 1])) {
      const int sign = to[at++] == '+' ? 1 : -1;
      number += sign * *number_at(to, at);
    }
    out += std::to_string(number);
  }
  return out;
}

}  // namespace

std::string rename_key(std::span<const KeyRule> rules, const std::string& key) {
  for (const KeyRule& rule : rules) {
    if (const std::optional<Found> found = fit(rule.from, key))
      return fill(rule.to, found->numbers) + key.substr(found->end);
  }
  return key;
}

}  // namespace springbok::weights
