// Bars and matrices as HTML tables.
#include "springbok/study/bars.h"

#include <algorithm>

#include "springbok/base/text.h"
#include "springbok/study/chart.h"

namespace springbok::study {
namespace {

std::string share_cell(const std::optional<double>& share) {
  if (!share) return "<td class=\"n\" data-v=\"\">–</td>";
  return format("<td class=\"n share\" data-v=\"{:.6g}\" style=\"--w:{:.1f}%\">{:.1f} %</td>", 100 * *share,
                100 * *share, 100 * *share);
}

std::string row_html(const BarRow& row) {
  const std::string colour =
      row.colour.empty() ? "" : format("<i class=\"block first\" style=\"--c:{}\"></i>", row.colour);
  std::string html = format("<tr><td>{}{}</td><td class=\"n\" data-v=\"{:.12g}\">{}</td>", colour, escape(row.name),
                            row.detail_value, escape(row.detail));
  for (const auto& share : row.shares) html += share_cell(share);
  return html + "</tr>\n";
}

}  // namespace

std::string bars_html(Bars bars) {
  if (bars.rows.empty()) return "";
  std::stable_sort(bars.rows.begin(), bars.rows.end(), [](const BarRow& a, const BarRow& b) {
    return a.shares.front().value_or(-1) > b.shares.front().value_or(-1);
  });
  std::string html = format("<h3>{}</h3>\n", escape(bars.title));
  if (!bars.note.empty()) html += format("<p class=\"note\">{}</p>\n", escape(bars.note));
  html += "<div class=\"scroll tall\"><table class=\"sortable bars\">\n<thead><tr>";
  for (std::size_t i = 0; i < bars.head.size(); ++i) {
    html += format("<th{}>{}</th>", i == 0 ? "" : " class=\"n\"", escape(bars.head[i]));
  }
  html += "</tr></thead>\n<tbody>\n";
  for (const BarRow& row : bars.rows) html += row_html(row);
  return html + "</tbody></table></div>\n";
}

std::string share_matrix(const std::string& note, const std::vector<std::string>& rows,
                         const std::vector<std::string>& columns, const std::vector<std::vector<double>>& shares,
                         const std::vector<std::vector<std::string>>& said) {
  constexpr std::size_t kMost = 40;
  if (rows.size() > kMost) return "";
  std::string html = format("<h3>Confusion of pixels</h3>\n<p class=\"note\">{}</p>\n", escape(note));
  html += "<div class=\"scroll\"><table class=\"matrix\">\n<thead><tr><th></th>";
  for (const std::string& name : columns) html += format("<th><span>{}</span></th>", escape(name));
  html += "</tr></thead>\n<tbody>\n";
  for (std::size_t r = 0; r < rows.size(); ++r) {
    html += format("<tr><th>{}</th>", escape(rows[r]));
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const double percent = 100 * shares[r][c];
      html += format("<td class=\"{}\" style=\"--h:{:.1f}%\" tabindex=\"0\" data-tip=\"{}\">{}</td>",
                     r == c ? "hit" : "miss", percent, escape(said[r][c]),
                     percent == 0 ? "" : format("{:.{}f}", percent, percent < 10 ? 1 : 0));
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

}  // namespace springbok::study
