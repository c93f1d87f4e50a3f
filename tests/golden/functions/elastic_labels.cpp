// Golden files of Elastic's multi-label task: metrics and targets.
#include <ATen/Functions.h>

#include <algorithm>
#include <limits>
#include <map>
#include <regex>

#include "springbok/base/error.h"
#include "springbok/data/labels/coco.h"
#include "springbok/metrics/label_metrics.h"
#include "springbok/tasks/multilabel.h"
#include "tests/golden/functions/elastic.h"

namespace springbok::golden {
namespace {

using metrics::LabelCount;
using metrics::LabelForm;
using metrics::LabelScores;
using nlohmann::json;

constexpr double kSingle = 1e-6;  // of what the original or a peer computes in single precision

/// Bits of sizes (N,classes) from 0 and 1 by (N, size, class).
at::Tensor size_bits(const at::Tensor& by_size) {
  const at::Tensor bits = at::pow(2, at::arange(static_cast<std::int64_t>(kSizes), at::kDouble)).reshape({1, -1, 1});
  return by_size.mul(bits).sum(1).to(at::kByte);
}

/// Literal: per image three texts of a digit a class.
at::Tensor target_of(const json& description) {
  if (description.is_object()) return input_of(description);
  json digits = json::array();
  for (const json& image : description) {
    json rows = json::array();
    for (const json& row : image) {
      json numbers = json::array();
      for (const char digit : row.get<std::string>()) numbers.push_back(digit - '0');
      rows.push_back(numbers);
    }
    digits.push_back(rows);
  }
  return input_of(digits);
}

/// `float32(that + A * target_of_any_size - B)`.
at::Tensor shifted(const at::Tensor& logits, const at::Tensor& labels, const std::string& rule) {
  std::smatch match;
  const std::regex known("float32\\(that \\+ ([0-9.]+) \\* target_of_any_size - ([0-9.]+)\\)");
  if (!std::regex_match(rule, match, known)) fail("the rule '{}' is not known", rule);
  const at::Tensor present = labels.ne(0).to(at::kDouble);
  return at::sub(at::add(logits, at::mul(present, std::stod(match[1]))), std::stod(match[2]))
      .to(at::kFloat)
      .to(at::kDouble);
}

LabelScores part_of(const LabelScores& scores, std::int64_t first, std::int64_t last) {
  const auto from = static_cast<std::ptrdiff_t>(first * scores.classes);
  const auto to = static_cast<std::ptrdiff_t>(std::min(last, scores.images()) * scores.classes);
  return {.classes = scores.classes,
          .scores = {scores.scores.begin() + from, scores.scores.begin() + to},
          .labels = {scores.labels.begin() + from, scores.labels.begin() + to}};
}

/// Precision and recall of each batch, weighted by its images: what the original's meters show.
metrics::LabelShares meters_of(const LabelScores& scores, double threshold, std::int64_t batch) {
  metrics::LabelShares sums;
  for (std::int64_t first = 0; first < scores.images(); first += batch) {
    const LabelScores part = part_of(scores, first, first + batch);
    const metrics::LabelShares shares = summary_of(count_above(part, threshold), LabelForm::all).overall;
    sums.precision += shares.precision * static_cast<double>(part.images());
    sums.recall += shares.recall * static_cast<double>(part.images());
  }
  const auto images = static_cast<double>(scores.images());
  return {.precision = sums.precision / images, .recall = sums.recall / images};
}

template <class Field>
std::vector<double> percents(const metrics::LabelSummary& summary, const Field& field) {
  std::vector<double> values;
  for (const metrics::LabelShares& shares : summary.by_class) values.push_back(100 * field(shares));
  return values;
}

at::Tensor doubles(const std::vector<double>& values) {
  return at::tensor(values, at::kDouble);
}

/// A count of each class, or its sum, as the file has it.
template <class Field>
void check_counts(Sheet& sheet, const std::string& what, const std::vector<LabelCount>& counts, const Field& field,
                  const json& wanted) {
  std::vector<std::int64_t> values;
  std::int64_t sum = 0;
  for (const LabelCount& count : counts) {
    values.push_back(field(count));
    sum += values.back();
  }
  wanted.is_array() ? sheet.equal(what, values, wanted) : sheet.equal(what, sum, wanted);
}

using Sizes = std::array<std::int64_t, kSizes>;

void check_sizes(Sheet& sheet, const std::string& what, const std::vector<LabelCount>& counts, Sizes LabelCount::*field,
                 const json& wanted) {
  for (std::size_t size = 0; size < kSizes; ++size) {
    check_counts(
        sheet, what, counts, [&](const LabelCount& count) { return (count.*field)[size]; }, wanted.at(size));
  }
}

/// Counts under the original's names; whether `key` is one.
bool check_count_key(Sheet& sheet, const std::string& where, const std::string& key,
                     const std::vector<LabelCount>& counts, std::int64_t images, const json& value) {
  if (key == "tp") {
    check_counts(
        sheet, where, counts, [](const LabelCount& c) { return c.hits; }, value);
  } else if (key == "fp") {
    check_counts(
        sheet, where, counts, [](const LabelCount& c) { return c.false_alarms; }, value);
  } else if (key == "fn") {
    check_counts(
        sheet, where, counts, [](const LabelCount& c) { return c.misses; }, value);
  } else if (key == "tn") {
    const auto rest = [&](const LabelCount& c) { return images - c.hits - c.false_alarms - c.misses; };
    check_counts(sheet, where, counts, rest, value);
  } else if (key == "tp_size") {
    check_sizes(sheet, where, counts, &LabelCount::hits_by_size, value);
  } else if (key == "fn_size") {
    check_sizes(sheet, where, counts, &LabelCount::misses_by_size, value);
  } else {
    return false;
  }
  return true;
}

/// Shares in percent under the original's names; whether `key` is one.
bool check_share_key(Sheet& sheet, const std::string& where, const std::string& key,
                     const metrics::LabelSummary& summary, const json& value, double bound) {
  const std::map<std::string, double> one{{"P_C", summary.mean.precision}, {"R_C", summary.mean.recall},
                                          {"F_C", summary.mean.f1},        {"P_O", summary.overall.precision},
                                          {"R_O", summary.overall.recall}, {"F_O", summary.overall.f1}};
  if (one.contains(key)) {
    sheet.near(where, 100 * one.at(key), value, bound);
  } else if (key == "p_c") {
    sheet.numbers(where, doubles(percents(summary, [](const auto& s) { return s.precision; })), value, bound);
  } else if (key == "r_c") {
    sheet.numbers(where, doubles(percents(summary, [](const auto& s) { return s.recall; })), value, bound);
  } else if (key == "f_c") {
    sheet.numbers(where, doubles(percents(summary, [](const auto& s) { return s.f1; })), value, bound);
  } else if (key == "recall_small_medium_large") {
    sheet.numbers(where, doubles({summary.recall_by_size.begin(), summary.recall_by_size.end()}), value, bound);
  } else {
    return false;
  }
  return true;
}

void check_peer_shares(Sheet& sheet, const std::string& what, const std::vector<LabelCount>& counts,
                       const json& wanted) {
  const metrics::LabelSummary summary = summary_of(counts, LabelForm::all);
  const std::map<std::string, double> known{{"CP", summary.mean.precision},
                                            {"CR", summary.mean.recall},
                                            {"CF1_mean_of_class_f1", summary.mean.f1},
                                            {"CF1_of_CP_and_CR", summary.f1_of_means},
                                            {"OP", summary.overall.precision},
                                            {"OR", summary.overall.recall},
                                            {"OF1", summary.overall.f1}};
  for (const auto& [key, value] : wanted.items()) {
    known.contains(key) ? sheet.near(what + " " + key, known.at(key), value) : sheet.unknown(what + " " + key);
  }
}

std::vector<double> of_present(const metrics::AveragePrecisions& ap) {
  std::vector<double> values;
  for (std::size_t c = 0; c < ap.by_class.size(); ++c) {
    const auto id = static_cast<std::int64_t>(c);
    if (std::find(ap.absent.begin(), ap.absent.end(), id) == ap.absent.end()) values.push_back(ap.by_class[c]);
  }
  return values;
}

void check_sklearn(Sheet& sheet, const LabelScores& scores, const json& wanted) {
  constexpr double kAny = -std::numeric_limits<double>::infinity();
  const metrics::AveragePrecisions raw = average_precisions(scores);
  const metrics::AveragePrecisions envelope = average_precisions(scores, metrics::PrecisionCurve::envelope);
  const std::map<std::string, double> one{{"mAP_all_classes", raw.mean_all},
                                          {"mAP_present_classes", raw.mean_present},
                                          {"mAP_micro", micro_average_precision(scores)},
                                          {"mAP_samples", average_precision_by_image(scores)},
                                          {"mAP_envelope_present_classes", envelope.mean_present}};
  for (const auto& [key, value] : wanted.items()) {
    const std::string where = "scikit-learn " + key;
    if (one.contains(key)) {
      sheet.near(where, one.at(key), value);
    } else if (key == "ap") {
      sheet.numbers(where, doubles(raw.by_class), value);
    } else if (key == "ap_envelope_present") {
      sheet.numbers(where, doubles(of_present(envelope)), value);
    } else if (key == "at_0") {
      check_peer_shares(sheet, where, count_above(scores, 0), value);
    } else if (key == "top3") {
      check_peer_shares(sheet, where, count_best(scores, 3, kAny), value);
    } else if (key == "top3_and_positive") {
      check_peer_shares(sheet, where, count_best(scores, 3, 0), value);
    } else {
      sheet.unknown(where);
    }
  }
}

void check_torchmetrics(Sheet& sheet, const LabelScores& scores, const json& wanted) {
  const metrics::AveragePrecisions ap = average_precisions(scores);
  const metrics::LabelSummary summary = summary_of(count_above(scores, 0), LabelForm::all);
  const std::map<std::string, double> one{{"mAP_macro", ap.mean_all},
                                          {"mAP_micro", micro_average_precision(scores)},
                                          {"F1_macro", summary.mean.f1},
                                          {"F1_micro", summary.overall.f1},
                                          {"recall_macro", summary.mean.recall},
                                          {"precision_macro", summary.mean.precision}};
  for (const auto& [key, value] : wanted.items()) {
    const std::string where = "torchmetrics " + key;
    if (one.contains(key)) {
      sheet.near(where, one.at(key), value, kSingle);
    } else if (key == "ap") {
      sheet.numbers(where, doubles(ap.by_class), value, kSingle);
    } else {
      sheet.unknown(where);
    }
  }
}

void check_peers(Sheet& sheet, const LabelScores& scores) {
  const json peers = sheet.file.value("peers", json::object());
  for (const auto& [peer, wanted] : peers.items()) {
    if (peer == "sklearn") {
      check_sklearn(sheet, scores, wanted);
    } else if (peer == "torchmetrics") {
      check_torchmetrics(sheet, scores, wanted);
    } else if (peer == "absent_classes") {
      sheet.equal(peer, average_precisions(scores).absent, wanted);
    } else {
      sheet.unknown("peer " + peer);
    }
  }
}

/// A loss by the images that each label tally stands for.
double mean_loss(const at::Tensor& logits, const at::Tensor& labels, double scale) {
  return tasks::label_loss_sum(logits, labels, scale).item<double>() / static_cast<double>(logits.size(0));
}

}  // namespace

void check_label_shares(Sheet& sheet, const std::string& what, const LabelScores& scores, double threshold,
                        std::int64_t batch, double loss, const json& wanted, double bound) {
  const std::vector<LabelCount> counts = count_above(scores, threshold);
  const metrics::LabelSummary summary = summary_of(counts, LabelForm::elastic);
  const metrics::LabelShares meters = meters_of(scores, threshold, batch);
  for (const auto& [key, value] : wanted.items()) {
    const std::string where = what + " " + key;
    if (check_count_key(sheet, where, key, counts, scores.images(), value)) continue;
    if (check_share_key(sheet, where, key, summary, value, bound)) continue;
    if (key == "threshold") continue;
    if (key == "loss") {
      sheet.near(where, loss, value, bound);
    } else if (key == "meter_precision") {
      sheet.near(where, 100 * meters.precision, value, bound);
    } else if (key == "meter_recall") {
      sheet.near(where, 100 * meters.recall, value, bound);
    } else {
      sheet.unknown(where);
    }
  }
}

void check_labels(Sheet& sheet) {
  const at::Tensor labels = size_bits(target_of(sheet.at("target")));
  at::Tensor logits = input_of(sheet.at("logits"));
  if (sheet.at("logits").is_object() && sheet.at("logits").contains("then")) {
    logits = shifted(logits, labels, sheet.at("logits")["then"]);
  }
  const std::int64_t batch = sheet.at("batch");
  const metrics::LabelTally tally = tasks::label_tally(logits, labels, mean_loss(logits, labels, 1), true);
  const LabelScores& scores = tally.kept;
  check_label_shares(sheet, "validate", scores, 0, batch, tally.loss, sheet.at("validate"));
  if (sheet.file.contains("as_is_float32")) {
    check_label_shares(sheet, "single precision", scores, 0, batch, tally.loss, sheet.at("as_is_float32"), kSingle);
  }
  if (sheet.file.contains("train")) {
    check_label_shares(sheet, "train", scores, 0, batch, mean_loss(logits, labels, 80), sheet.at("train"));
  }
  if (sheet.file.contains("last_line_printed")) {
    const metrics::LabelSummary s = summary_of(tally.classes, LabelForm::elastic);
    sheet.equal("last line",
                format(" * P_C {:.2f} R_C {:.2f} F_C {:.2f} P_O {:.2f} R_O {:.2f} F_O {:.2f}", 100 * s.mean.precision,
                       100 * s.mean.recall, 100 * s.mean.f1, 100 * s.overall.precision, 100 * s.overall.recall,
                       100 * s.overall.f1),
                sheet.at("last_line_printed"));
  }
  for (const json& at_threshold : sheet.file.value("threshold_on_logit", json::array())) {
    const double threshold = Sheet::need(at_threshold, "threshold");
    check_label_shares(sheet, format("above {}", threshold), scores, threshold, batch, tally.loss, at_threshold);
  }
  if (sheet.file.contains("nothing_present")) {
    LabelScores nothing = scores;
    std::fill(nothing.labels.begin(), nothing.labels.end(), std::uint8_t{0});
    check_label_shares(sheet, "nothing present", nothing, 0, batch, 0, sheet.at("nothing_present"));
  }
  check_peers(sheet, scores);
}

void check_coco_target(Sheet& sheet) {
  const std::string text = sheet.at("instances").dump();
  const data::CocoInstances coco = data::read_coco(std::as_bytes(std::span(text)), "instances");
  const json& targets = sheet.at("targets");
  sheet.equal("images", coco.images.size(), targets.size());
  json places = json::array();
  for (std::size_t c = 0; c < coco.classes.size(); ++c) places.push_back({coco.category_ids[c], c});
  sheet.equal("class_of_category", places, sheet.at("class_of_category"));
  const std::size_t sizes = sheet.at("target_shape").at(0), columns = sheet.at("target_shape").at(1);
  std::string cells;
  for (std::size_t i = 0; i < coco.images.size(); ++i) {
    json by_size = json::array(), any = json::array();
    for (std::size_t size = 0; size < sizes; ++size) {
      for (std::size_t c = 0; c < columns; ++c) {
        const bool known = c < coco.classes.size();
        const bool present = known && (coco.labels[i * coco.classes.size() + c] >> size & 1) != 0;
        cells += present ? '\1' : '\0';
        if (present) by_size.push_back({size, c});
      }
    }
    for (std::size_t c = 0; c < coco.classes.size(); ++c) {
      if (coco.labels[i * coco.classes.size() + c] != 0) any.push_back(c);
    }
    sheet.equal(format("image {}", i), coco.images[i].id, targets.at(i).at("image_id"));
    sheet.equal(format("image {}: sizes", i), by_size, targets.at(i).at("size_class"));
    sheet.equal(format("image {}: classes", i), any, targets.at(i).at("any_size"));
  }
  sheet.equal("fnv1a64", digest_of(std::as_bytes(std::span(cells))), sheet.at("fnv1a64"));
}

}  // namespace springbok::golden
