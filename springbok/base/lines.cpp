// Lines of text files.
#include "springbok/base/lines.h"

#include <algorithm>
#include <cstdint>
#include <unordered_map>

#include "springbok/base/error.h"
#include "springbok/base/file.h"

namespace springbok {
namespace {

constexpr std::uint64_t kMostList = std::uint64_t{4} << 30;

std::string trimmed(std::string_view text) {
  constexpr const char* kBlanks = " \t\v\f";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

void check_text(std::string_view text, const std::string& where) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) fail("{}: is UTF-16; save it as UTF-8", where);
  if (text.find('\0') != std::string_view::npos) fail("{}: is no text, it holds bytes of value 0", where);
}

}  // namespace

std::vector<std::string> lines_of(std::string_view text, const std::string& where) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  check_text(text, where);
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    lines.push_back(trimmed(text.substr(0, end)));
    const bool two = text.substr(end).starts_with("\r\n");
    text.remove_prefix(std::min(text.size(), end + (two ? 2 : 1)));
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

std::vector<std::string> read_lines(const std::filesystem::path& path) {
  return lines_of(read_text(path, kMostList), path.string());
}

std::vector<std::string> names_of(std::string_view text, const std::string& where) {
  std::vector<std::string> names = lines_of(text, where);
  std::unordered_map<std::string_view, std::size_t> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) fail("{}: line {} is empty; expected one name a line", where, i + 1);
    const auto [other, is_new] = seen.emplace(names[i], i);
    if (!is_new) fail("{}: '{}' twice, in lines {} and {}", where, names[i], other->second + 1, i + 1);
  }
  return names;
}

std::vector<std::string> read_names(const std::filesystem::path& path) {
  return names_of(read_text(path, kMostList), path.string());
}

}  // namespace springbok
