// A report of labels, written.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "springbok/base/quote.h"
#include "springbok/base/text.h"
#include "springbok/metrics/label_report.h"
#include "springbok/metrics/report_table.h"

namespace springbok::metrics {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, kSizes> kSizeNames{"small", "medium", "large"};

std::optional<Interval> interval_of(const LabelReport& report, const std::string& key) {
  for (const auto& [name, interval] : report.intervals) {
    if (name == key) return interval;
  }
  return std::nullopt;
}

/// Present classes that no image was given.
std::vector<std::int64_t> never_given(const LabelReport& report) {
  std::vector<std::int64_t> list;
  for (std::size_t c = 0; c < report.counts.size(); ++c) {
    if (report.counts[c].predicted() == 0 && report.counts[c].present() > 0)
      list.push_back(static_cast<std::int64_t>(c));
  }
  return list;
}

std::int64_t labels_of_size(const LabelReport& report, std::size_t size) {
  const LabelCount& sum = report.at_threshold.sum;
  return sum.hits_by_size[size] + sum.misses_by_size[size];
}

Json summary_json(const LabelSummary& summary) {
  return {{"P_C", 100 * summary.mean.precision},    {"R_C", 100 * summary.mean.recall},
          {"F_C", 100 * summary.mean.f1},           {"F_C_of_means", 100 * summary.f1_of_means},
          {"P_O", 100 * summary.overall.precision}, {"R_O", 100 * summary.overall.recall},
          {"F_O", 100 * summary.overall.f1}};
}

Json threshold_json(const Threshold& threshold, const char* key) {
  return {{"threshold", threshold.probability}, {key, 100 * threshold.f1}};
}

Json class_json(const LabelReport& report, std::size_t c, const std::string& name) {
  const LabelShares& shares = report.at_threshold.by_class[c];
  const LabelCount& count = report.counts[c];
  Json json{{"class", name},
            {"images", count.present()},
            {"predicted", count.predicted()},
            {"AP_raw", nullptr},
            {"AP_envelope", nullptr},
            {"precision", 100 * shares.precision},
            {"recall", nullptr},
            {"f1", nullptr}};
  if (count.present() == 0) return json;  // such a class has no AP, recall or F1
  json["AP_raw"] = 100 * report.raw.by_class[c];
  json["AP_envelope"] = 100 * report.envelope.by_class[c];
  json["recall"] = 100 * shares.recall;
  json["f1"] = 100 * shares.f1;
  json["AP_interval"] = to_json(report.precision_intervals[c]);
  for (std::size_t size = 0; size < kSizes; ++size) {
    const std::int64_t of_size = count.hits_by_size[size] + count.misses_by_size[size];
    if (of_size > 0) {
      json["recall_by_size"][kSizeNames[size]] =
          100.0 * static_cast<double>(count.hits_by_size[size]) / static_cast<double>(of_size);
    }
  }
  json["best"] = threshold_json(report.best.by_class[c], "f1");
  return json;
}

std::vector<std::string> summary_row(const std::string& name, const LabelSummary& summary) {
  std::vector<std::string> row{name};
  for (const double share : {summary.mean.precision, summary.mean.recall, summary.mean.f1, summary.f1_of_means,
                             summary.overall.precision, summary.overall.recall, summary.overall.f1}) {
    row.push_back(percent_cell(share));
  }
  return row;
}

std::string summaries(const LabelReport& report) {
  std::vector<std::vector<std::string>> rows{{"%", "P_C", "R_C", "F_C", "2PR/(P+R)", "P_O", "R_O", "F_O"}};
  rows.push_back(summary_row(format("above {:g}", report.settings.threshold), report.at_threshold));
  rows.push_back(summary_row("  over all classes", report.all_classes));
  rows.push_back(summary_row("three best", report.best_three));
  return aligned(rows);
}

std::string sizes(const LabelReport& report) {
  std::string text;
  for (std::size_t size = 0; size < kSizes; ++size) {
    const std::int64_t labels = labels_of_size(report, size);
    if (labels == 0) continue;
    text += format("{}{} {:.2f} % of {}", text.empty() ? "recall by size: " : ", ", kSizeNames[size],
                   100 * report.at_threshold.recall_by_size[size], with_commas(labels));
  }
  return text.empty() ? "" : text + '\n';
}

std::string class_table(const LabelReport& report, const std::vector<std::string>& names) {
  std::vector<std::vector<std::string>> rows{
      {"class", "images", "AP raw", "AP envelope", "precision", "recall", "F1", "best F1", "above"}};
  for (const std::size_t c : sorted_classes(report.raw.by_class, report.raw.absent)) {
    const LabelCount& count = report.counts[c];
    const LabelShares& shares = report.at_threshold.by_class[c];
    const bool there = count.present() > 0;
    rows.push_back({shortened(names[c]), with_commas(count.present()), percent_cell(report.raw.by_class[c], there),
                    percent_cell(report.envelope.by_class[c], there),
                    percent_cell(shares.precision, count.predicted() > 0), percent_cell(shares.recall, there),
                    percent_cell(shares.f1, there), percent_cell(report.best.by_class[c].f1, there),
                    there ? format("{:.3f}", report.best.by_class[c].probability) : "-"});
  }
  return aligned(rows);
}

std::string intervals(const LabelReport& report) {
  if (report.settings.bootstrap.resamples == 0) return "";
  std::string text = to_text(report.settings.bootstrap, report.images) + ":";
  for (const auto& [key, interval] : report.intervals) {
    if (key != "mAP" && interval) text += format(" {}{}", key, to_text(interval));
  }
  return text + '\n';
}

}  // namespace

Json to_json(const LabelReport& report, const std::vector<std::string>& names, bool per_class) {
  expect_names(report.counts.size(), names);
  Json json{{"images", report.images},
            {"loss", report.loss},
            {"mAP", 100 * report.raw.mean_present},
            {"mAP_raw", 100 * report.raw.mean_present},
            {"mAP_envelope", 100 * report.envelope.mean_present}};
  json.update(summary_json(report.at_threshold));
  json["threshold"] = report.settings.threshold;
  json["top3"] = summary_json(report.best_three);
  json["all_classes"] = summary_json(report.all_classes);
  json["all_classes"]["mAP_raw"] = 100 * report.raw.mean_all;
  json["all_classes"]["mAP_envelope"] = 100 * report.envelope.mean_all;
  for (std::size_t size = 0; size < kSizes; ++size) {
    const std::int64_t labels = labels_of_size(report, size);
    Json& of_size = json["recall_by_size"][kSizeNames[size]] = {{"recall", nullptr}, {"labels", labels}};
    if (labels > 0) of_size["recall"] = 100 * report.at_threshold.recall_by_size[size];
  }
  json["best_threshold"] = {{"F_O", threshold_json(report.best.overall, "F_O")},
                            {"F_C", threshold_json(report.best.mean, "F_C")},
                            {"by_class", {{"F_C", 100 * report.best.mean_of_classes}}}};
  for (const SweepPoint& point : report.sweep) {
    Json row{{"threshold", point.probability}};
    row.update(summary_json(point.summary));
    json["sweep"].push_back(row);
  }
  json["intervals"] = to_json(report.settings.bootstrap, report.images);
  for (const auto& [key, interval] : report.intervals) json["intervals"][key] = to_json(interval);
  const auto named = [&](const std::vector<std::int64_t>& classes) {
    Json list = Json::array();
    for (const std::int64_t c : classes) list.push_back(names[static_cast<std::size_t>(c)]);
    return list;
  };
  json["absent"] = named(report.at_threshold.absent);
  json["never_predicted"] = named(never_given(report));
  for (const std::size_t c : sorted_classes(report.raw.by_class, report.raw.absent)) {
    if (per_class) json["classes"].push_back(class_json(report, c, names[c]));
  }
  return json;
}

std::string to_text(const LabelReport& report, const std::vector<std::string>& names, bool per_class) {
  expect_names(report.counts.size(), names);
  std::string text = per_class ? class_table(report, names) : "";
  text += format("mAP {:.2f} %{} raw (scikit-learn's average precision), {:.2f} % envelope (VOC's), loss {:.4f}\n",
                 100 * report.raw.mean_present, to_text(interval_of(report, "mAP")), 100 * report.envelope.mean_present,
                 report.loss);
  text += summaries(report) + sizes(report);
  const BestThresholds& best = report.best;
  text += format(
      "best threshold on these images: F_O {:.2f} % above {:.3f}, F_C {:.2f} % above {:.3f}; F_C {:.2f} % with one a "
      "class\n",
      100 * best.overall.f1, best.overall.probability, 100 * best.mean.f1, best.mean.probability,
      100 * best.mean_of_classes);
  text += intervals(report);
  if (!report.raw.absent.empty()) {
    text += format("no image has, and no mean counts: {}\n", names_of(report.raw.absent, names));
  }
  if (const auto never = never_given(report); !never.empty()) {
    text += format("never predicted, and 0 in the means: {}\n", names_of(never, names));
  }
  return text;
}

}  // namespace springbok::metrics
