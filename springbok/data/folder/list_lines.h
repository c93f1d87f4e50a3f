// Inside the room: the lines of a list of images, `PATH CLASS` in any of the forms that people write.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace springbok::data {

struct ListEntry {
  std::string path, label;
};

struct ListLines {
  std::vector<ListEntry> entries;
  std::string header;  ///< a first line that names columns, which is no entry; else ""
};

/// Whether a path of the list is a file.
using FileTest = std::function<bool(const std::string&)>;

/// Splits lines at tabs, commas, semicolons or blanks: the first of these that follows an image's name in every line.
/// Paths and classes may hold blanks; with the others a field with its separator in it stands in double quotes. A first
/// line of words that are no file is a header. Lines that are empty or begin with # do not count. Throws Error naming
/// `where` and the line: one field, three, or the class before the path.
ListLines parse_list(const std::vector<std::string>& lines, const std::string& where, const FileTest& is_there);

}  // namespace springbok::data
