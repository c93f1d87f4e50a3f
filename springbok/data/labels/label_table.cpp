// Splitting tables of labels.
#include "springbok/data/labels/label_table.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/data/folder/image_names.h"
#include "springbok/data/folder/line_text.h"

namespace springbok::data {
namespace {

/// Whether the line has the character outside of quotes.
bool has_outside(const std::string& line, char separator) {
  bool quoted = false;
  for (const char c : line) {
    quoted ^= c == '"';
    if (c == separator && !quoted) return true;
  }
  return false;
}

char column_separator(const std::vector<Numbered>& lines) {
  for (const char each : {'\t', ',', ';'}) {
    if (std::any_of(lines.begin(), lines.end(), [&](const Numbered& l) { return has_outside(l.text, each); })) {
      return each;
    }
  }
  return ' ';
}

struct Row {
  std::size_t line;
  std::vector<std::string> fields;
};

bool is_flag(const std::string& field) {
  return field == "0" || field == "1";
}

/// Whether the columns behind the image are of nothing but 0 and 1.
bool are_flags(const std::vector<Row>& rows) {
  return std::all_of(rows.begin(), rows.end(), [&](const Row& row) {
    return row.fields.size() > 2 && row.fields.size() == rows.front().fields.size() &&
           std::all_of(row.fields.begin() + 1, row.fields.end(), is_flag);
  });
}

LabelTable from_flags(const std::vector<Row>& rows, const std::vector<std::string>& header, const std::string& where) {
  LabelTable table;
  if (header.size() != rows.front().fields.size()) {
    fail("{}:{}: {} columns of 0 and 1 need a first line that names them, and it has {} columns", where,
         rows.front().line, rows.front().fields.size() - 1, header.size());
  }
  table.classes.assign(header.begin() + 1, header.end());
  for (const Row& row : rows) {
    LabelRow made{.image = row.fields.front(), .labels = {}, .line = row.line};
    for (std::size_t i = 1; i < row.fields.size(); ++i) {
      if (row.fields[i] == "1") made.labels.push_back(header[i]);
    }
    table.rows.push_back(std::move(made));
  }
  table.told = "a column of 0 and 1 for each class";
  return table;
}

LabelTable from_lists(std::vector<Row> rows, const std::vector<std::string>& classes) {
  LabelTable table;
  const bool wide = std::any_of(rows.begin(), rows.end(), [](const Row& row) { return row.fields.size() > 2; });
  std::vector<std::string> texts;
  for (const Row& row : rows) {
    if (row.fields.size() > 1) texts.push_back(row.fields[1]);
  }
  const char separator = label_separator(texts);
  for (Row& row : rows) {
    LabelRow made{.image = std::move(row.fields.front()), .labels = {}, .line = row.line};
    if (wide) {
      std::copy_if(row.fields.begin() + 1, row.fields.end(), std::back_inserter(made.labels),
                   [](const std::string& field) { return !field.empty(); });
    } else if (row.fields.size() > 1) {
      made.labels = split_labels(row.fields[1], separator, classes);
    }
    table.rows.push_back(std::move(made));
  }
  table.told = wide               ? "a label in each column"
               : separator == ' ' ? "labels separated by blanks"
                                  : format("labels separated by '{}'", separator);
  return table;
}

}  // namespace

std::vector<std::string> fields_of(const std::string& line, char separator, const std::string& where) {
  std::vector<std::string> fields;
  std::string field;
  bool quoted = false, was_quoted = false;
  const auto end_field = [&] {
    const bool is_gap = separator == ' ' && field.empty() && !was_quoted;
    if (!is_gap) fields.push_back(was_quoted ? field : trimmed(field));
    field.clear();
    was_quoted = false;
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      field += line[++i];
    } else if (c == '"' && (quoted || trimmed(field).empty())) {
      quoted = !quoted;
      was_quoted = true;
      if (quoted) field.clear();
    } else if (!quoted && (c == separator || (separator == ' ' && c == '\t'))) {
      end_field();
    } else if (quoted || !was_quoted) {
      field += c;
    }
  }
  if (quoted) fail("{}: a double quote begins a field and does not end in '{}'", where, line);
  end_field();
  return fields;
}

char label_separator(const std::vector<std::string>& texts) {
  for (const char each : {';', '|', ','}) {
    const auto has = [&](const std::string& text) { return text.find(each) != std::string::npos; };
    if (std::any_of(texts.begin(), texts.end(), has)) return each;
  }
  return ' ';
}

std::vector<std::string> split_labels(const std::string& text, char separator,
                                      const std::vector<std::string>& classes) {
  if (std::find(classes.begin(), classes.end(), text) != classes.end()) return {text};
  std::vector<std::string> labels;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end =
        std::min(separator == ' ' ? text.find_first_of(" \t", begin) : text.find(separator, begin), text.size());
    std::string label = trimmed(std::string_view(text).substr(begin, end - begin));
    if (!label.empty()) labels.push_back(std::move(label));
    begin = end + 1;
  }
  return labels;
}

LabelTable parse_label_table(const std::vector<std::string>& lines, const std::string& where,
                             const std::vector<std::string>& classes,
                             const std::function<bool(const std::string&)>& is_there) {
  const std::vector<Numbered> kept = lines_that_count(lines);
  const char separator = column_separator(kept);
  std::vector<Row> rows;
  for (const Numbered& line : kept) {
    rows.push_back({line.number, fields_of(line.text, separator, format("{}:{}", where, line.number))});
    if (rows.back().fields.front().empty()) fail("{}:{}: names no image in '{}'", where, line.number, line.text);
  }
  std::vector<std::string> header;
  if (!rows.empty() && !is_image_name(rows.front().fields.front()) && !is_there(rows.front().fields.front())) {
    header = std::move(rows.front().fields);
    rows.erase(rows.begin());
  }
  if (rows.empty()) fail("{}: lists no image; expected one 'IMAGE,LABELS' a line", where);
  LabelTable table = are_flags(rows) ? from_flags(rows, header, where) : from_lists(std::move(rows), classes);
  if (!header.empty()) table.told += format(", its first line, '{}', is a header", join(header));
  return table;
}

}  // namespace springbok::data
