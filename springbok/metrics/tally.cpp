// Tallies of all tasks.
#include "springbok/metrics/tally.h"

#include <nlohmann/json.hpp>

#include "springbok/base/json_number.h"
#include "springbok/base/overload.h"
#include "springbok/metrics/label_metrics.h"

namespace springbok::metrics {
namespace {

using Json = nlohmann::ordered_json;

double mean(double sum, std::int64_t samples) {
  return samples == 0 ? 0 : sum / static_cast<double>(samples);
}

ClassTally class_tally(const Json& json, const std::string& where) {
  ClassTally tally;
  tally.samples = whole_number(json, "samples", where);
  tally.top5 = whole_number(json, "top5", where, 0, tally.samples);
  tally.top1 = whole_number(json, "top1", where, 0, tally.top5);
  tally.loss = finite_number(json, "loss", where);
  return tally;
}

void add_percent(Metrics& metrics, const char* key, double share) {
  metrics.push_back({key, 100 * share});
}

void add_metrics(Metrics& metrics, const ClassTally& tally) {
  metrics.push_back({"top1", tally.top1_percent()});
  metrics.push_back({"top5", tally.top5_percent()});
}

void add_metrics(Metrics& metrics, const LabelTally& tally) {
  if (tally.kept.classes > 0) add_percent(metrics, "mAP", average_precisions(tally.kept).mean_present);
  const LabelSummary summary = summary_of(tally.classes);
  for (const auto& [suffix, shares] : {std::pair("_C", summary.mean), std::pair("_O", summary.overall)}) {
    add_percent(metrics, (std::string("P") + suffix).c_str(), shares.precision);
    add_percent(metrics, (std::string("R") + suffix).c_str(), shares.recall);
    add_percent(metrics, (std::string("F") + suffix).c_str(), shares.f1);
  }
}

void add_metrics(Metrics& metrics, const PixelTally& tally) {
  const PixelSummary summary = summary_of(tally);
  add_percent(metrics, "mIoU", summary.mean_iou);
  add_percent(metrics, "pixel_acc", summary.accuracy);
  add_percent(metrics, "mean_acc", summary.mean_accuracy);
  add_percent(metrics, "fw_IoU", summary.frequency_weighted_iou);
}

Json class_json(const ClassTally& tally) {
  return {{"samples", tally.samples}, {"top1", tally.top1}, {"top5", tally.top5}, {"loss", tally.loss}};
}

}  // namespace

Tally empty_tally(const Task& task) {
  return std::visit(Overload{[](const Classify&) { return Tally(ClassTally{}); },
                             [](const MultiLabel&) { return Tally(LabelTally{}); },
                             [](const Segment&) { return Tally(PixelTally{}); }},
                    task);
}

Tally& operator+=(Tally& tally, const Tally& other) {
  if (tally.index() != other.index()) fail("tallies of two tasks cannot be added");
  std::visit([&](auto& sum) { sum += std::get<std::decay_t<decltype(sum)>>(other); }, tally);
  return tally;
}

std::int64_t samples_of(const Tally& tally) {
  return std::visit([](const auto& sum) { return sum.samples; }, tally);
}

double loss_of(const Tally& tally) {
  return std::visit([](const auto& sum) { return sum.loss; }, tally);
}

Metrics metrics_of(const Tally& tally) {
  Metrics metrics{{"loss", mean(loss_of(tally), samples_of(tally))}};
  std::visit([&](const auto& sum) { add_metrics(metrics, sum); }, tally);
  return metrics;
}

Json to_json(const Tally& tally) {
  return std::visit(
      Overload{[](const ClassTally& sum) { return class_json(sum); }, [](const auto& sum) { return to_json(sum); }},
      tally);
}

Tally tally_from_json(const Json& json, const Task& task, const std::string& where) {
  return std::visit(Overload{[&](const Classify&) { return Tally(class_tally(json, where)); },
                             [&](const MultiLabel&) { return Tally(label_tally_from_json(json, where)); },
                             [&](const Segment&) { return Tally(pixel_tally_from_json(json, where)); }},
                    task);
}

}  // namespace springbok::metrics
