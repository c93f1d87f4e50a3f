// Inside the room: tables whose numbers are bars.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace springbok::study {

/// A class, and its shares (0 to 1); nothing where there is none.
struct BarRow {
  std::string name;
  std::string detail;  ///< `1,234`: how many images or pixels
  double detail_value = 0;
  std::vector<std::optional<double>> shares;
  std::string colour = {};  ///< of its mask, `#c08000`
};

struct Bars {
  std::string title, note;
  std::vector<std::string> head;  ///< of name, detail and each share
  std::vector<BarRow> rows;
};

/// A sortable table with a bar behind each number, its rows sorted by the first share, the largest first. "" without
/// rows.
std::string bars_html(Bars bars);

/// A matrix of shares of its rows (0 to 1), of up to 40 classes; `said[row][column]` is what a cell tells when it is
/// pointed at. "" for more.
std::string share_matrix(const std::string& note, const std::vector<std::string>& rows,
                         const std::vector<std::string>& columns, const std::vector<std::vector<double>>& shares,
                         const std::vector<std::vector<std::string>>& said);

}  // namespace springbok::study
