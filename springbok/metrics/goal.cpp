// Metrics by name, and comparing them.
#include "springbok/metrics/goal.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "springbok/base/fields.h"
#include "springbok/base/json_number.h"
#include "springbok/base/overload.h"

namespace springbok::metrics {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kLoss = "loss";

std::string text_of(const Metric& metric) {
  return metric.key == kLoss ? format("{} {:.4f}", metric.key, metric.value)
                             : format("{} {:.2f}", metric.key, metric.value);
}

}  // namespace

double value_of(const Metrics& metrics, std::string_view key) {
  for (const Metric& metric : metrics) {
    if (metric.key == key) return metric.value;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

std::string title_of(const std::string& key) {
  if (key == "top1") return "top-1";
  if (key == "top5") return "top-5";
  if (key == "mIoU") return "mean IoU";
  return key;
}

Json to_json(const Metrics& metrics) {
  Json json = Json::object();
  for (const Metric& metric : metrics) json[metric.key] = metric.value;
  return json;
}

Metrics metrics_from_json(const Json& json, const std::string& where) {
  if (!json.is_object()) fail("{}: not an object of metrics", where);
  Metrics metrics;
  for (const auto& [key, value] : json.items()) {
    if (!value.is_number() && !value.is_null()) fail("{}: its '{}' is not a number", where, key);
    metrics.push_back({key, value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>()});
  }
  return metrics;
}

Json to_json(const Score& score) {
  Json json = to_json(score.metrics);
  json["epoch"] = score.epoch;
  return json;
}

Score score_from_json(const Json& json, const std::string& where) {
  Json rest = json;
  rest.erase("epoch");
  return {.epoch = whole_number(json, "epoch", where), .metrics = metrics_from_json(rest, where)};
}

Goal goal_of(const Task& task) {
  const auto higher = [](const char* key) { return Goal{.key = key, .title = title_of(key), .higher = true}; };
  return std::visit(
      Overload{[&](const Classify&) { return higher("top1"); }, [&](const MultiLabel&) { return higher("mAP"); },
               [&](const Segment&) { return higher("mIoU"); }},
      task);
}

Json to_json(const Goal& goal) {
  return {{"metric", goal.key}, {"higher", goal.higher}};
}

Goal goal_from_json(const Json& json, const std::string& where) {
  Goal goal{.key = read_field<std::string>(json, "metric", where), .title = {}, .higher = true};
  goal.title = title_of(goal.key);
  goal.higher = read_field<bool>(json, "higher", where);
  return goal;
}

bool better(const Goal& goal, const Metrics& a, const Metrics& b) {
  const double left = value_of(a, goal.key), right = value_of(b, goal.key);
  if (std::isnan(left) || std::isnan(right)) return !std::isnan(left);
  return goal.higher ? left > right : left < right;
}

std::string brief(const Metrics& metrics, const Goal& goal) {
  Metrics few;
  for (const Metric& metric : metrics) {
    if (metric.key == kLoss || metric.key == goal.key) few.push_back(metric);
  }
  return line_of(few);
}

std::string line_of(const Metrics& metrics) {
  std::string text;
  for (const Metric& metric : metrics) text += (text.empty() ? "" : " ") + text_of(metric);
  return text;
}

}  // namespace springbok::metrics
