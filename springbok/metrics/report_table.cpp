// Aligning, sorting and naming.
#include "springbok/metrics/report_table.h"

#include <algorithm>
#include <numeric>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"

namespace springbok::metrics {

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += i == 0 ? format("{:<{}}", row[i], widths[i]) : format("  {:>{}}", row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string percent_cell(double share, bool is_there) {
  return is_there ? format("{:.2f}", 100 * share) : "-";
}

std::vector<std::size_t> sorted_classes(const std::vector<double>& values, const std::vector<std::int64_t>& last) {
  const auto goes_last = [&](std::size_t c) {
    return std::find(last.begin(), last.end(), static_cast<std::int64_t>(c)) != last.end();
  };
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (goes_last(a) != goes_last(b)) return goes_last(b);
    return !goes_last(a) && values[a] > values[b];
  });
  return order;
}

std::string names_of(const std::vector<std::int64_t>& classes, const std::vector<std::string>& names) {
  std::vector<std::string> list;
  for (const std::int64_t c : classes) list.push_back(shortened(names[static_cast<std::size_t>(c)]));
  return join(list);
}

void expect_names(std::size_t classes, const std::vector<std::string>& names) {
  if (names.size() != classes) fail("{} names for the {} classes of a report", names.size(), classes);
}

}  // namespace springbok::metrics
