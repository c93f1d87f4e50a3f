// Inside the room: tables of images and their labels, in the forms that people write.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace springbok::data {

struct LabelRow {
  std::string image;
  std::vector<std::string> labels;
  std::size_t line = 0;  ///< from 1
};

struct LabelTable {
  std::vector<LabelRow> rows;
  std::vector<std::string> classes;  ///< of columns of 0 and 1, from the header; else empty
  std::string told;                  ///< how it was read: `labels separated by ';'; the first line is a header`
};

/// Fields of a line: those in double quotes may hold the separator, a doubled quote means one. Blanks around are left
/// out. Throws Error naming `where` for a quote that does not end.
std::vector<std::string> fields_of(const std::string& line, char separator, const std::string& where);

/// What separates labels within texts: the first of ; | , that any of them has, else a blank.
char label_separator(const std::vector<std::string>& texts);

/// The labels in a text; none in an empty one. A text that is one of `classes` is one label, whatever is in it.
std::vector<std::string> split_labels(const std::string& text, char separator, const std::vector<std::string>& classes);

/// Lines of a CSV. Columns are separated by tabs, commas or semicolons (the first of these that a line has outside of
/// quotes), else by blanks. The first column is the image. The second is a list of labels (`label_separator`), or each
/// column from there on is one. With a header and more than two columns of nothing but 0 and 1, these say which of the
/// header's classes are there. A first line is a header if its first field names no file (`is_there`) and has no
/// image's ending. Empty lines do not count, nor do those that begin with #. Throws Error naming `where` and the line.
LabelTable parse_label_table(const std::vector<std::string>& lines, const std::string& where,
                             const std::vector<std::string>& classes,
                             const std::function<bool(const std::string&)>& is_there);

}  // namespace springbok::data
