// Tallies of all tasks.
#include "springbok/metrics/tally.h"

#include <nlohmann/json.hpp>

#include "springbok/base/json_number.h"
#include "springbok/base/overload.h"

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

template <class T>
T plain_tally(const Json& json, const std::string& where) {
  return {.samples = whole_number(json, "samples", where), .loss = finite_number(json, "loss", where)};
}

}  // namespace

LabelTally& LabelTally::operator+=(const LabelTally& other) {
  samples += other.samples;
  loss += other.loss;
  return *this;
}

PixelTally& PixelTally::operator+=(const PixelTally& other) {
  samples += other.samples;
  loss += other.loss;
  return *this;
}

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
  if (const auto* sum = std::get_if<ClassTally>(&tally)) {
    metrics.push_back({"top1", sum->top1_percent()});
    metrics.push_back({"top5", sum->top5_percent()});
  }
  return metrics;
}

Json to_json(const Tally& tally) {
  Json json{{"samples", samples_of(tally)}};
  if (const auto* sum = std::get_if<ClassTally>(&tally)) json.update({{"top1", sum->top1}, {"top5", sum->top5}});
  json["loss"] = loss_of(tally);
  return json;
}

Tally tally_from_json(const Json& json, const Task& task, const std::string& where) {
  return std::visit(Overload{[&](const Classify&) { return Tally(class_tally(json, where)); },
                             [&](const MultiLabel&) { return Tally(plain_tally<LabelTally>(json, where)); },
                             [&](const Segment&) { return Tally(plain_tally<PixelTally>(json, where)); }},
                    task);
}

}  // namespace springbok::metrics
