// The table, the time and the recipes as HTML.
#include "springbok/study/sections.h"

#include <algorithm>

#include "springbok/base/text.h"
#include "springbok/study/chart.h"
#include "springbok/study/recipes.h"
#include "springbok/study/table.h"

namespace springbok::study {
namespace {

constexpr std::size_t kTextColumns = 2;

std::string table_row(const std::vector<Cell>& cells, std::size_t run) {
  std::string html = "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string text = (i == 0 ? swatch(run) : "") + escape(cells[i].text);
    html += format("<td{}>{}</td>", i < kTextColumns ? "" : cells[i].best ? " class=\"n best\"" : " class=\"n\"", text);
  }
  return html + "</tr>\n";
}

struct Share {
  const char* name;
  const char* css;
  double seconds;
};

std::string time_row(const RunSummary& run, std::size_t index, double longest) {
  std::string html =
      format("<div class=\"timename\">{}{}</div><div class=\"timebar\">", swatch(index), escape(run.name));
  for (const Share& share :
       {Share{"waiting for images", "data", run.data_seconds()}, Share{"compute", "compute", run.compute_seconds()},
        Share{"evaluation", "eval", run.eval_seconds()}}) {
    html += format("<span class=\"{}\" style=\"width:{:.2f}%\" title=\"{}: {}\"></span>", share.css,
                   100 * share.seconds / longest, share.name, human_seconds(share.seconds));
  }
  return html + format("</div><div class=\"timesum\">{}</div>\n", human_seconds(run.seconds()));
}

std::string recipe_rows(const std::vector<RecipeRow>& rows) {
  std::string html;
  for (const RecipeRow& row : rows) {
    html += format("<tr><th>{}</th>", escape(row.key));
    for (const std::string& value : row.values) html += format("<td>{}</td>", value.empty() ? "–" : escape(value));
    html += "</tr>\n";
  }
  return html;
}

std::string differences(const RecipeComparison& comparison, const std::vector<RunSummary>& runs) {
  if (comparison.different.empty()) return "<p>All runs have the same recipe.</p>\n";
  std::string html = "<div class=\"scroll\"><table class=\"recipe\">\n<thead><tr><th>What differs</th>";
  for (std::size_t i = 0; i < runs.size(); ++i) html += format("<th>{}{}</th>", swatch(i), escape(runs[i].name));
  return html + "</tr></thead>\n<tbody>\n" + recipe_rows(comparison.different) + "</tbody></table></div>\n";
}

}  // namespace

std::string swatch(std::size_t run) {
  return format("<i class=\"swatch s{}\"></i>", run % kColours);
}

std::string table_section(const std::vector<RunSummary>& runs) {
  const Table rows = table(runs);
  std::string html = "<section>\n<div class=\"scroll\"><table class=\"results\">\n<thead><tr>";
  for (std::size_t i = 0; i < rows.head.size(); ++i) {
    html += format("<th{}>{}</th>", i < kTextColumns ? "" : " class=\"n\"", escape(rows.head[i]));
  }
  html += "</tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < rows.rows.size(); ++i) html += table_row(rows.rows[i], i);
  html +=
      "</tbody></table></div>\n<p class=\"note\">Accuracies are on the validation images, in the best epoch; images/s "
      "are those of training steps; time is training with its evaluations.";
  for (const std::string& note : rows.notes) html += " " + escape(note) + ".";
  return html + "</p>\n</section>\n";
}

std::string time_section(const std::vector<RunSummary>& runs) {
  double longest = 0;
  for (const RunSummary& run : runs) longest = std::max(longest, run.seconds());
  if (longest <= 0) return "";
  std::string html = "<section>\n<h2>Where the time went</h2>\n<div class=\"times\">\n";
  for (std::size_t i = 0; i < runs.size(); ++i) html += time_row(runs[i], i, longest);
  return html +
         "</div>\n<p class=\"legend\"><i class=\"block data\"></i>waiting for images <i class=\"block "
         "compute\"></i>compute "
         "<i class=\"block eval\"></i>evaluation</p>\n</section>\n";
}

std::string recipe_section(const std::vector<RunSummary>& runs) {
  const RecipeComparison comparison = compare_recipes(runs);
  std::string html = "<section>\n<h2>Recipe</h2>\n";
  if (runs.size() > 1) html += differences(comparison, runs);
  if (comparison.same.empty()) return html + "</section>\n";
  std::vector<RecipeRow> same = comparison.same;
  for (RecipeRow& row : same) row.values.resize(1);
  html += format("<details{}><summary>{} ({} keys)</summary>\n<table class=\"recipe shared\"><tbody>\n",
                 runs.size() > 1 ? "" : " open", runs.size() > 1 ? "What all runs share" : "The resolved recipe",
                 same.size());
  return html + recipe_rows(same) + "</tbody></table>\n</details>\n</section>\n";
}

}  // namespace springbok::study
