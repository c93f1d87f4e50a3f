// Splitting the lines of a list.
#include "springbok/data/folder/list_lines.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "springbok/base/error.h"
#include "springbok/base/text.h"
#include "springbok/data/folder/image_names.h"
#include "springbok/data/folder/line_text.h"

namespace springbok::data {
namespace {

bool is_quoted(const std::string& field) {
  return field.size() >= 2 && field.front() == '"' && field.back() == '"';
}

/// Without its quotes, a doubled one inside as one.
std::string unquoted(std::string_view text) {
  std::string field = trimmed(text);
  if (!is_quoted(field)) return field;
  field = field.substr(1, field.size() - 2);
  for (std::size_t at = field.find("\"\""); at != std::string::npos; at = field.find("\"\"", at + 1))
    field.erase(at, 1);
  return field;
}

/// The last place at which what stands before the separator is an image's name.
std::optional<ListEntry> split(const std::string& line, const char* separators) {
  for (std::size_t at = line.find_last_of(separators); at != std::string::npos && at > 0;
       at = line.find_last_of(separators, at - 1)) {
    ListEntry entry{.path = unquoted(line.substr(0, at)), .label = trimmed(line.substr(at + 1))};
    if (is_image_name(entry.path)) return entry.label.empty() ? std::nullopt : std::optional(entry);
  }
  return std::nullopt;
}

/// At the last separator, where no name has an image's ending.
std::optional<ListEntry> split_anyhow(const std::string& line, const char* separators) {
  const std::size_t at = line.find_last_of(separators);
  if (at == std::string::npos) return std::nullopt;
  ListEntry entry{.path = unquoted(line.substr(0, at)), .label = trimmed(line.substr(at + 1))};
  return entry.path.empty() || entry.label.empty() ? std::nullopt : std::optional(entry);
}

constexpr const char* kSeparators[] = {"\t", ",", ";", " \t"};

/// What separates the fields: that which follows an image's name in all lines, else in any of them, else that which
/// all have. The first line may be a header, which shows nothing. Blanks when nothing does.
const char* separators_of(const std::vector<Numbered>& lines) {
  const auto first = lines.begin() + (lines.size() > 1 ? 1 : 0);
  const auto named = [](const char* each) {
    return [each](const Numbered& l) { return split(l.text, each).has_value(); };
  };
  for (const auto begin : {lines.begin(), first}) {
    for (const char* each : kSeparators) {
      if (std::all_of(begin, lines.end(), named(each))) return each;
    }
  }
  for (const char* each : kSeparators) {
    if (std::any_of(first, lines.end(), named(each))) return each;
  }
  for (const char* each : kSeparators) {
    const auto has = [each](const Numbered& l) { return l.text.find_first_of(each) != std::string::npos; };
    if (std::all_of(first, lines.end(), has)) return each;
  }
  return " \t";
}

void check_label(ListEntry& entry, const char* separators, const std::string& where, const Numbered& line) {
  const bool blanks = std::string_view(separators) == " \t";
  if (!blanks && !is_quoted(entry.label) && entry.label.find_first_of(separators) != std::string::npos) {
    fail(
        "{}:{}: has more than two columns in '{}'; expects PATH and CLASS, a field with its separator in it in double "
        "quotes",
        where, line.number, line.text);
  }
  entry.label = unquoted(entry.label);
}

ListEntry entry_of(const Numbered& line, const char* separators, const std::string& where) {
  std::optional<ListEntry> entry = split(line.text, separators);
  if (!entry) entry = split_anyhow(line.text, separators);
  if (!entry) fail("{}:{}: expects 'PATH CLASS', got '{}'", where, line.number, line.text);
  check_label(*entry, separators, where, line);
  if (is_image_name(entry->label) && !is_image_name(entry->path)) {
    fail("{}:{}: the class stands before the path in '{}'; expects 'PATH CLASS'", where, line.number, line.text);
  }
  return *entry;
}

bool is_number(const std::string& text) {
  return text.find_first_not_of("0123456789") == std::string::npos;
}

/// Words in the place of a file and its class: no image's name, no path, no file that is there.
bool is_header(const Numbered& line, const char* separators, const FileTest& is_there) {
  if (split(line.text, separators)) return false;
  const std::optional<ListEntry> entry = split_anyhow(line.text, separators);
  return entry && entry->path.find_first_of("./\\") == std::string::npos && !is_number(entry->label) &&
         !is_image_name(entry->label) && !is_there(entry->path);
}

}  // namespace

ListLines parse_list(const std::vector<std::string>& lines, const std::string& where, const FileTest& is_there) {
  std::vector<Numbered> kept = lines_that_count(lines);
  ListLines list;
  if (kept.empty()) return list;
  const char* separators = separators_of(kept);
  if (kept.size() > 1 && is_header(kept.front(), separators, is_there)) {
    list.header = kept.front().text;
    kept.erase(kept.begin());
  }
  for (const Numbered& line : kept) list.entries.push_back(entry_of(line, separators, where));
  return list;
}

}  // namespace springbok::data
