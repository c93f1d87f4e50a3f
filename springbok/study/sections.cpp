// The table, the time and the recipes as HTML.
#include "springbok/study/sections.h"

#include <algorithm>

#include "springbok/base/quote.h"
#include "springbok/base/text.h"
#include "springbok/study/chart.h"
#include "springbok/study/differences.h"
#include "springbok/study/recipes.h"
#include "springbok/study/table.h"

namespace springbok::study {
namespace {

constexpr std::size_t kTextColumns = 2;

/// What a table is sorted by: the number, where the cell has one.
std::string sort_key(const Cell& cell) {
  return cell.value ? format("{:.9g}", *cell.value) : cell.text == "-" ? "" : escape(cell.text);
}

std::string table_row(const std::vector<Cell>& cells, std::size_t run) {
  std::string html = "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string text = (i == 0 ? swatch(run) : "") + escape(cells[i].text);
    const char* css = i < kTextColumns ? "" : cells[i].best ? " class=\"n best\"" : " class=\"n\"";
    html += format("<td{} data-v=\"{}\">{}</td>", css, sort_key(cells[i]), text);
  }
  return html + "</tr>\n";
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

std::string seconds_cell(double seconds, double whole) {
  const std::string share = whole > 0 ? format(" <span class=\"soft\">{:.0f} %</span>", 100 * seconds / whole) : "";
  return format("<td class=\"n\" data-v=\"{:.6g}\">{}{}</td>", seconds, human_seconds(seconds), share);
}

/// The bars in numbers.
std::string time_table(const std::vector<RunSummary>& runs) {
  std::string html =
      "<div class=\"scroll\"><table class=\"sortable\">\n<thead><tr><th>run</th><th class=\"n\">waiting for images</th>"
      "<th class=\"n\">compute</th><th class=\"n\">evaluation</th><th "
      "class=\"n\">together</th></tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < runs.size(); ++i) {
    html += format("<tr><td>{}{}</td>", swatch(i), escape(runs[i].name));
    for (const double part : {runs[i].data_seconds(), runs[i].compute_seconds(), runs[i].eval_seconds()}) {
      html += seconds_cell(part, runs[i].seconds());
    }
    html += seconds_cell(runs[i].seconds(), 0) + "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

/// All that is recorded but the recipe: data, build, machine.
std::string record_differences(const std::vector<RunSummary>& runs) {
  std::vector<RecipeRow> rows;
  for (const auto& [what, keys] : record_places()) {
    RecipeRow row{.key = what, .values = {}};
    for (const RunSummary& run : runs) row.values.push_back(shortened(recorded(run.record, keys)));
    const bool same =
        std::all_of(row.values.begin(), row.values.end(), [&](const auto& v) { return v == row.values[0]; });
    if (!same) rows.push_back(std::move(row));
  }
  return rows.empty() ? "" : recipe_rows(rows);
}

/// `goes on from RUN, epoch 3; changed: lr 0.1 -> 0.01`.
std::string parent_text(const RunSummary& run) {
  const std::string from = recorded(run.record, {"parent", "run"});
  if (from.empty()) return "";
  return format("{} goes on from {}, epoch {}; changed: {}", run.name, from, recorded(run.record, {"parent", "epoch"}),
                recorded(run.record, {"parent", "changed"}));
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
    html += format("<span class=\"{}\" style=\"width:{:.2f}%\" data-tip=\"{}: {}\"></span>", share.css,
                   100 * share.seconds / longest, share.name, human_seconds(share.seconds));
  }
  return html + format("</div><div class=\"timesum\">{}</div>\n", human_seconds(run.seconds()));
}

std::string differences(const RecipeComparison& comparison, const std::vector<RunSummary>& runs) {
  const std::string more = record_differences(runs);
  std::string html = comparison.different.empty() ? "<p>All runs have the same recipe.</p>\n" : "";
  if (comparison.different.empty() && more.empty()) return html;
  html += "<div class=\"scroll\"><table class=\"recipe\">\n<thead><tr><th>What differs</th>";
  for (std::size_t i = 0; i < runs.size(); ++i) html += format("<th>{}{}</th>", swatch(i), escape(runs[i].name));
  return html + "</tr></thead>\n<tbody>\n" + recipe_rows(comparison.different) + more + "</tbody></table></div>\n";
}

/// Over all epochs: a rank that computes longer than the others is what they wait for.
std::vector<run::RankLine> rank_times(const RunSummary& run) {
  std::vector<run::RankLine> sums;
  for (const run::EpochLine& epoch : run.log.epochs) {
    sums.resize(std::max(sums.size(), epoch.ranks.size()));
    for (std::size_t rank = 0; rank < epoch.ranks.size(); ++rank) {
      sums[rank].data += epoch.ranks[rank].data;
      sums[rank].compute += epoch.ranks[rank].compute;
      sums[rank].wait += epoch.ranks[rank].wait;
    }
  }
  return sums;
}

std::string rank_table(const std::vector<RunSummary>& runs) {
  std::string rows;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::vector<run::RankLine> ranks = rank_times(runs[i]);
    for (std::size_t rank = 0; rank < ranks.size(); ++rank) {
      const run::RankLine& times = ranks[rank];
      const double all = times.data + times.compute + times.wait;
      rows += format("<tr><td>{}{}, rank {}</td>", swatch(i), escape(runs[i].name), rank);
      for (const double part : {times.data, times.compute, times.wait}) rows += seconds_cell(part, all);
      rows += "</tr>\n";
    }
  }
  if (rows.empty()) return "";
  return "<div class=\"scroll\"><table class=\"sortable\">\n<thead><tr><th>rank</th><th class=\"n\">waiting for images"
         "</th><th class=\"n\">computing</th><th class=\"n\">waiting for other ranks</th></tr></thead>\n<tbody>\n" +
         rows + "</tbody></table></div>\n";
}

}  // namespace

std::string swatch(std::size_t run) {
  return format("<i class=\"swatch s{}\"></i>", run % kColours);
}

std::string table_section(const std::vector<RunSummary>& runs) {
  const Table rows = table(runs);
  std::string html = "<section>\n<div class=\"scroll\"><table class=\"results sortable\">\n<thead><tr>";
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
  html +=
      "</div>\n<p class=\"legend\"><i class=\"block data\"></i>waiting for images <i class=\"block "
      "compute\"></i>compute "
      "<i class=\"block eval\"></i>evaluation</p>\n";
  return html + time_table(runs) + rank_table(runs) + "</section>\n";
}

std::string events_section(const std::vector<RunSummary>& runs) {
  std::string html;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (const std::string from = parent_text(runs[i]); !from.empty()) {
      html += format("<li>{}{}</li>\n", swatch(i), escape(from));
    }
    for (const run::EventLine& event : runs[i].log.events) {
      html += format("<li>{}{}: {}</li>\n", swatch(i), escape(runs[i].name), escape(event.text));
    }
  }
  return html.empty() ? ""
                      : "<section>\n<h2>What happened</h2>\n<ul class=\"events\">\n" + html + "</ul>\n</section>\n";
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
