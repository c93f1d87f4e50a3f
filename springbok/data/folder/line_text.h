// Inside the room: the lines of a text file that count, and words without the blanks around them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace springbok::data {

/// A line and where it stands, from 1.
struct Numbered {
  std::size_t number;
  std::string text;
};

/// Without the lines that are empty or begin with #.
inline std::vector<Numbered> lines_that_count(const std::vector<std::string>& lines) {
  std::vector<Numbered> kept;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].empty() && !lines[i].starts_with('#')) kept.push_back({i + 1, lines[i]});
  }
  return kept;
}

/// Without blanks and tabs at both ends.
inline std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

}  // namespace springbok::data
