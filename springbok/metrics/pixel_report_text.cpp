// A report of masks, written.
#include <nlohmann/json.hpp>

#include "springbok/base/quote.h"
#include "springbok/base/text.h"
#include "springbok/metrics/pixel_report.h"
#include "springbok/metrics/report_table.h"

namespace springbok::metrics {
namespace {

using Json = nlohmann::ordered_json;

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// Classes of the truth that no pixel was given.
std::vector<std::int64_t> never_given(const ClassPixels& pixels) {
  std::vector<std::int64_t> list;
  for (std::size_t c = 0; c < pixels.truth.size(); ++c) {
    if (pixels.truth[c] > 0 && pixels.predicted[c] == 0) list.push_back(static_cast<std::int64_t>(c));
  }
  return list;
}

/// Classes that are predicted and in no true mask.
std::vector<std::int64_t> only_given(const ClassPixels& pixels) {
  std::vector<std::int64_t> list;
  for (std::size_t c = 0; c < pixels.truth.size(); ++c) {
    if (pixels.truth[c] == 0 && pixels.predicted[c] > 0) list.push_back(static_cast<std::int64_t>(c));
  }
  return list;
}

Json class_json(const PixelReport& report, std::size_t c, const std::string& name) {
  const ClassPixels& pixels = report.pixels;
  Json json{{"class", name},
            {"pixels", pixels.truth[c]},
            {"predicted", pixels.predicted[c]},
            {"IoU", nullptr},
            {"IoU_interval", to_json(report.iou_intervals[c])},
            {"accuracy", nullptr},
            {"precision", nullptr},
            {"boundary_F", nullptr}};
  if (report.summary.united[c] > 0) json["IoU"] = 100 * report.summary.iou[c];
  if (pixels.truth[c] > 0) json["accuracy"] = 100 * share(pixels.both[c], pixels.truth[c]);
  if (pixels.predicted[c] > 0) json["precision"] = 100 * share(pixels.both[c], pixels.predicted[c]);
  if (report.boundary.by_class[c]) json["boundary_F"] = 100 * *report.boundary.by_class[c];
  return json;
}

std::string class_table(const PixelReport& report, const std::vector<std::string>& names) {
  const ClassPixels& pixels = report.pixels;
  std::vector<std::vector<std::string>> rows{{"class", "pixels", "IoU", "accuracy", "precision", "boundary F"}};
  for (const std::size_t c : sorted_classes(report.summary.iou, report.summary.unseen)) {
    const auto boundary = report.boundary.by_class[c];
    rows.push_back({shortened(names[c]), with_commas(pixels.truth[c]),
                    percent_cell(report.summary.iou[c], report.summary.united[c] > 0),
                    percent_cell(share(pixels.both[c], pixels.truth[c]), pixels.truth[c] > 0),
                    percent_cell(share(pixels.both[c], pixels.predicted[c]), pixels.predicted[c] > 0),
                    percent_cell(boundary.value_or(0), boundary.has_value())});
  }
  return aligned(rows);
}

std::string classes_said(const PixelReport& report, const std::vector<std::string>& names) {
  std::string text;
  const auto say = [&](const char* what, const std::vector<std::int64_t>& classes) {
    if (!classes.empty()) text += format("{}: {}\n", what, names_of(classes, names));
  };
  say("in no mask and never predicted, and no mean counts", report.summary.unseen);
  say("in no mask but predicted, and 0 in mIoU", only_given(report.pixels));
  say("never predicted, and 0 in the means", never_given(report.pixels));
  return text;
}

/// The share of each metric under its key.
std::vector<std::pair<std::string, double>> values_of(const PixelReport& report) {
  const PixelSummary& summary = report.summary;
  return {{"mIoU", summary.mean_iou},
          {"pixel_acc", summary.accuracy},
          {"mean_acc", summary.mean_accuracy},
          {"fw_IoU", summary.frequency_weighted_iou},
          {"boundary_F", report.boundary.mean}};
}

}  // namespace

Json to_json(const PixelReport& report, const std::vector<std::string>& names, bool per_class) {
  expect_names(report.pixels.truth.size(), names);
  Json json{{"images", report.images}, {"loss", report.loss}};
  for (const auto& [key, value] : values_of(report)) json[key] = 100 * value;
  json["mIoU_in_truth"] = 100 * report.in_truth.mean_iou;
  json["boundary_tolerance"] = kBoundaryTolerance;
  json["intervals"] = to_json(report.bootstrap, report.images);
  for (const auto& [key, interval] : report.intervals) json["intervals"][key] = to_json(interval);
  const auto named = [&](const std::vector<std::int64_t>& classes) {
    Json list = Json::array();
    for (const std::int64_t c : classes) list.push_back(names[static_cast<std::size_t>(c)]);
    return list;
  };
  json["absent"] = named(report.summary.unseen);
  json["only_predicted"] = named(only_given(report.pixels));
  json["never_predicted"] = named(never_given(report.pixels));
  for (const std::size_t c : sorted_classes(report.summary.iou, report.summary.unseen)) {
    if (per_class) json["classes"].push_back(class_json(report, c, names[c]));
  }
  return json;
}

std::string to_text(const PixelReport& report, const std::vector<std::string>& names, bool per_class) {
  expect_names(report.pixels.truth.size(), names);
  std::string text = per_class ? class_table(report, names) : "";
  const auto values = values_of(report);
  for (std::size_t i = 0; i < values.size(); ++i) {
    static constexpr std::array<const char*, 5> kTitles{"mean IoU", "pixel accuracy", "mean accuracy",
                                                        "frequency-weighted IoU", "boundary F"};
    text += format("{}{} {:.2f} %{}", i == 0 ? "" : ", ", kTitles.at(i), 100 * values[i].second,
                   to_text(report.intervals[i].second));
  }
  text += format(", loss {:.4f}\n", report.loss);
  if (report.bootstrap.resamples > 0) text += to_text(report.bootstrap, report.images) + '\n';
  return text + classes_said(report, names);
}

}  // namespace springbok::metrics
