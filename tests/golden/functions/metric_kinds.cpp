// The kinds of golden files of metrics: torch-toolbox's, Elastic's errors.
#include <ATen/Functions.h>

#include <algorithm>

#include "springbok/metrics/class_tally.h"
#include "springbok/tasks/classify.h"
#include "tests/golden/functions/losses.h"

namespace springbok::golden {
namespace {

using nlohmann::json;

std::vector<bool> hits(const at::Tensor& scores, const std::vector<std::int64_t>& labels, std::int64_t k) {
  const tasks::Best best = tasks::best_classes(scores, k);
  std::vector<bool> found;
  for (std::int64_t i = 0; i < best.rows; ++i) {
    const auto row = best.row(i);
    found.push_back(std::find(row.begin(), row.end(), labels[static_cast<std::size_t>(i)]) != row.end());
  }
  return found;
}

bool holds(const json& list, std::size_t value) {
  return std::find(list.begin(), list.end(), json(value)) != list.end();
}

/// Which of equally good classes are among the best is numpy's whim: the file says in which rows that decides, and its
/// hits stand for ours there.
std::vector<bool> told_hits(Sheet& sheet, const json& c, const at::Tensor& scores,
                            const std::vector<std::int64_t>& labels, const std::string& key) {
  const std::int64_t k = std::stoll(key.substr(3));
  std::vector<bool> got = hits(scores, labels, k);
  const auto wanted = Sheet::need(Sheet::need(c, "hits_by_row"), key).get<std::vector<bool>>();
  const json& ties = Sheet::need(Sheet::need(c, "rows_where_a_tie_decides"), key);
  const tasks::Best best = tasks::best_classes(scores, k);
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (holds(ties, i)) got[i] = wanted[i];
    if (!Sheet::need(c, "no_tie_at_the_border").at(key).at(i).get<bool>()) continue;
    const auto row = best.row(static_cast<std::int64_t>(i));
    std::vector<std::int64_t> members(row.begin(), row.end());
    std::sort(members.begin(), members.end());
    sheet.equal(key + " members", members, Sheet::need(c, "topk_members_sorted").at(key).at(i));
  }
  sheet.equal(key + " by row", json(got), json(wanted));
  return got;
}

/// Of classes that are equally good torch.max takes the first, and torch.topk, by which we rank, another: the file's
/// word stands for ours there, if ours is as good.
std::vector<bool> best_hits(Sheet& sheet, const json& c, const at::Tensor& scores,
                            const std::vector<std::int64_t>& labels) {
  const tasks::Best best = tasks::best_classes(scores, 1);
  const std::vector<std::int64_t> first = classes_of(Sheet::need(c, "argmax"));
  std::vector<bool> got = hits(scores, labels, 1);
  for (std::size_t i = 0; i < got.size(); ++i) {
    const at::Tensor row = scores[static_cast<std::int64_t>(i)];
    const std::int64_t ours = best.classes[i];
    const bool tie = ours != first[i] && row[ours].item<double>() == row[first[i]].item<double>();
    if (tie) got[i] = first[i] == labels[i];
    if (!tie) sheet.equal("argmax", ours, first[i]);
  }
  return got;
}

void top_case(Sheet& sheet, const json& c, const at::Tensor& scores) {
  const std::vector<std::int64_t> labels = classes_of(Sheet::need(c, "labels"));
  const std::vector<std::int64_t> ends = classes_of(Sheet::need(c, "batches_end_at"));
  std::vector<std::pair<std::string, std::vector<bool>>> by_key{{"top1", best_hits(sheet, c, scores, labels)}};
  for (const auto& [key, rows] : Sheet::need(c, "hits_by_row").items()) {
    by_key.emplace_back(key, told_hits(sheet, c, scores, labels, key));
  }
  for (std::size_t b = 0; b < ends.size(); ++b) {
    const json& after = Sheet::need(c, "after_each_batch").at(b);
    sheet.equal("samples", ends[b], Sheet::need(after, "samples"));
    for (const auto& [key, rows] : by_key) {
      const auto right = std::count(rows.begin(), rows.begin() + ends[b], true);
      sheet.near(key, static_cast<double>(right) / static_cast<double>(ends[b]), Sheet::need(after, key));
    }
  }
  sheet.near("empty", metrics::ClassTally{}.top1_percent(), Sheet::need(c, "empty"));
}

/// The mean of the values, each as often as the next. Its largest and smallest, and the mean in float32, are no metrics
/// here.
void numerical_cost(Sheet& sheet, const json& cost) {
  metrics::ClassTally sums;
  for (const json& value : Sheet::need(cost, "values")) {
    sums += {.samples = 1, .loss = number_of(value)};
  }
  sheet.near("mean_float64", sums.mean_loss(), Sheet::need(cost, "mean_float64"));
}

/// The original counts a score that is no number as the best one; here such a row is never right.
void not_a_number(Sheet& sheet, const json& nan) {
  const std::vector<std::int64_t> labels = classes_of(Sheet::need(nan, "accuracy_labels"));
  const metrics::ClassTally sums = tasks::sums_of(input_of(Sheet::need(nan, "predictions")), labels, 0);
  sheet.equal("rows with scores that are no numbers", sums.top1 + sums.top5, 0);
}

void toolbox_metrics(Sheet& sheet) {
  const at::Tensor scores = input_of(sheet.at("predictions"));
  for (const json& c : sheet.at("cases")) top_case(sheet, c, scores);
  if (sheet.file.contains("numerical_cost")) numerical_cost(sheet, sheet.file["numerical_cost"]);
  if (sheet.file.contains("nan")) not_a_number(sheet, sheet.file["nan"]);
}

/// Top-1 and top-5 errors in percent. The meters' moving averages are of a terminal's line that is not ours.
void top_error(Sheet& sheet) {
  const at::Tensor logits = input_of(sheet.at("logits"));
  json target = sheet.at("target");
  target["shape"] = {logits.size(0)};
  const at::Tensor all = input_of(target);
  if (sheet.at("target").contains("values")) sheet.numbers("target", all, sheet.at("target")["values"]);
  metrics::ClassTally sums, last;
  const std::int64_t batch = sheet.at("batch");
  for (std::int64_t at = 0, number = 0; at < logits.size(0); at += batch, ++number) {
    const at::Tensor rows = logits.narrow(0, at, std::min(batch, logits.size(0) - at));
    const at::Tensor targets = all.narrow(0, at, rows.size(0)).to(at::kLong).contiguous();
    const auto loss = tasks::cross_entropy_sum(rows, targets).item<double>();
    last =
        tasks::sums_of(rows, {targets.const_data_ptr<std::int64_t>(), static_cast<std::size_t>(targets.numel())}, loss);
    sheet.near("batch loss", last.mean_loss(), sheet.at("batch_losses").at(static_cast<std::size_t>(number)));
    sums += last;
  }
  sheet.near("error1", 100 - sums.top1_percent(), sheet.at("error1"));
  sheet.near("error5", 100 - sums.top5_percent(), sheet.at("error5"));
  sheet.near("loss", sums.mean_loss(), sheet.at("loss"));
  sheet.near("last error1", 100 - last.top1_percent(), Sheet::need(sheet.at("last_batch"), "error1"));
  sheet.near("last error5", 100 - last.top5_percent(), Sheet::need(sheet.at("last_batch"), "error5"));
}

}  // namespace

std::vector<Kind> metric_kinds() {
  return {
      {"metric/metric.py", "TopKAccuracy", {"predictions", "cases"}, toolbox_metrics},
      {"classify.py", "validate", {"logits", "target", "error1", "batch_losses"}, top_error},
  };
}

}  // namespace springbok::golden
