// The rows of the comparison.
#include "springbok/study/table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "springbok/base/text.h"
#include "springbok/metrics/tally.h"

namespace springbok::study {
namespace {

constexpr std::size_t kTextColumns = 2;  // run and model stand left-aligned

std::string percent(double value) {
  return std::isfinite(value) ? format("{:.2f} %", value) : "-";
}

/// The metrics of the runs' tasks, each once, without the loss.
std::vector<std::string> metric_keys(const std::vector<RunSummary>& runs) {
  std::vector<std::string> keys;
  const auto add = [&](const std::string& key) {
    if (key != "loss" && std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  };
  for (const RunSummary& run : runs) {
    add(run.goal.key);
    for (const metrics::Metric& metric : metrics::metrics_of(metrics::empty_tally(run.task))) add(metric.key);
    if (!run.log.epochs.empty()) {
      for (const metrics::Metric& metric : run.log.epochs.front().val) add(metric.key);
    }
  }
  return keys;
}

/// A cell of a number, which "-" has not.
Cell number(const std::string& text, double value) {
  return {.text = text, .value = text == "-" ? std::nullopt : std::optional(value)};
}

double best_value(const RunSummary& run, const std::string& key) {
  const run::EpochLine* best = run.best();
  return best == nullptr ? std::numeric_limits<double>::quiet_NaN() : metrics::value_of(best->val, key);
}

std::vector<Cell> row(const RunSummary& run, const std::vector<std::string>& keys) {
  const double rate = run.images_per_second();
  std::vector<Cell> cells{{run.name},
                          {run.model},
                          number(run.params > 0 ? short_count(run.params) : "-", static_cast<double>(run.params)),
                          number(run.macs > 0 ? short_count(run.macs) : "-", static_cast<double>(run.macs))};
  for (const std::string& key : keys) cells.push_back(number(percent(best_value(run, key)), best_value(run, key)));
  cells.push_back(number(rate > 0 ? with_commas(std::llround(rate)) : "-", rate));
  cells.push_back(number(human_seconds(run.seconds()), run.seconds()));
  return cells;
}

/// Marks the largest values of a column, unless all are equal.
template <class Value>
void mark_best(Table& table, std::size_t column, const std::vector<RunSummary>& runs, Value value) {
  std::vector<double> values;
  for (const RunSummary& run : runs) values.push_back(value(run));
  for (double& each : values) each = std::isnan(each) ? -1 : each;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  if (values.empty() || *least == *most) return;
  for (std::size_t i = 0; i < values.size(); ++i) table.rows[i][column].best = values[i] == *most;
}

std::string padded(const std::string& text, std::size_t width, bool left) {
  return left ? format("{:<{}}", text, width) : format("{:>{}}", text, width);
}

std::string line(const std::vector<Cell>& cells, const std::vector<std::size_t>& widths) {
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    text += padded(cells[i].text, widths[i], i < kTextColumns);
    text += cells[i].best ? "* " : "  ";
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text + '\n';
}

}  // namespace

std::string short_count(std::int64_t count) {
  static constexpr std::array kUnits{"", " k", " M", " G", " T"};
  auto scaled = static_cast<double>(count);
  std::size_t unit = 0;
  for (; scaled >= 999.5 && unit + 1 < kUnits.size(); ++unit) scaled /= 1000;
  if (unit == 0) return format("{}", count);
  const int decimals = scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0;
  return format("{:.{}f}{}", scaled, decimals, kUnits[unit]);
}

Table table(const std::vector<RunSummary>& runs) {
  const std::vector<std::string> keys = metric_keys(runs);
  Table table{.head = {"run", "model", "params", "MACs"}, .rows = {}, .notes = {}};
  const std::size_t first_metric = table.head.size();
  for (const std::string& key : keys) table.head.push_back(metrics::title_of(key));
  for (const char* name : {"images/s", "time"}) table.head.emplace_back(name);
  for (const RunSummary& run : runs) {
    table.rows.push_back(row(run, keys));
    if (!run.finished) {
      table.notes.push_back(format("{} has not finished: {} of {} epochs", run.name, run.epochs(), run.epochs_asked));
    }
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    mark_best(table, first_metric + i, runs, [&](const RunSummary& run) { return best_value(run, keys[i]); });
  }
  mark_best(table, first_metric + keys.size(), runs, [](const RunSummary& run) { return run.images_per_second(); });
  return table;
}

std::string to_text(const Table& table) {
  std::vector<Cell> head;
  for (const std::string& name : table.head) head.push_back({name});
  std::vector<std::size_t> widths(head.size(), 0);
  const auto widen = [&](const std::vector<Cell>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].text.size());
  };
  widen(head);
  bool marked = false;
  for (const auto& cells : table.rows) {
    widen(cells);
    marked |= std::any_of(cells.begin(), cells.end(), [](const Cell& cell) { return cell.best; });
  }
  std::string text = line(head, widths);
  for (const auto& cells : table.rows) text += line(cells, widths);
  if (marked) text += "* best\n";
  for (const std::string& note : table.notes) text += note + '\n';
  return text;
}

nlohmann::ordered_json table_json(const std::vector<RunSummary>& runs) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const RunSummary& run : runs) {
    nlohmann::ordered_json row = {{"run", run.name},          {"folder", run.folder.string()}, {"model", run.model},
                                  {"size", run.size},         {"params", run.params},          {"macs", run.macs},
                                  {"finished", run.finished}, {"epochs", run.epochs()}};
    const run::EpochLine* best = run.best();
    row["task"] = metrics::name_of(run.task);
    row["best_epoch"] = nullptr;
    for (const std::string& key : metric_keys({run})) row[key] = nullptr;
    row["loss"] = nullptr;
    if (best != nullptr) {
      row["best_epoch"] = best->epoch;
      for (const metrics::Metric& metric : best->val) row[metric.key] = metric.value;
    }
    row.update({{"train_images_s", run.images_per_second()},
                {"seconds", run.seconds()},
                {"data_seconds", run.data_seconds()},
                {"compute_seconds", run.compute_seconds()},
                {"eval_seconds", run.eval_seconds()}});
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace springbok::study
