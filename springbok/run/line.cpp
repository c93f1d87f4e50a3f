// Lines of the log as JSON, and back.
#include "springbok/run/line.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "springbok/base/fields.h"
#include "springbok/base/file.h"
#include "springbok/base/overload.h"

namespace springbok::run {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char *kTrain = "train_", *kVal = "val_";

void add_metrics(Json& json, const metrics::Metrics& metrics, const std::string& prefix) {
  for (const metrics::Metric& metric : metrics) json[prefix + metric.key] = metric.value;
}

metrics::Metrics metrics_under(const Json& json, const std::string& prefix, const std::string& where) {
  metrics::Metrics metrics;
  for (const auto& [key, value] : json.items()) {
    if (key.starts_with(prefix)) metrics.push_back({key.substr(prefix.size()), read_number(json, key, where)});
  }
  return metrics;
}

Json step_json(const StepLine& line) {
  Json json{{"kind", "step"},
            {"step", line.step},
            {"epoch", line.epoch},
            {"loss", line.loss},
            {"lr", line.lr},
            {"data_s", line.data_seconds},
            {"compute_s", line.compute_seconds},
            {"images_s", line.images_per_second}};
  if (line.gradient_norm) json["gradient_norm"] = *line.gradient_norm;
  if (line.loss_scale) json["loss_scale"] = *line.loss_scale;
  if (line.overflow) json["overflow"] = true;
  if (line.wait_seconds) json["wait_s"] = *line.wait_seconds;
  return json;
}

Json ranks_json(const std::vector<RankLine>& ranks) {
  Json list = Json::array();
  for (const RankLine& rank : ranks) {
    list.push_back({{"data_s", rank.data}, {"compute_s", rank.compute}, {"wait_s", rank.wait}});
    add_metrics(list.back(), rank.val, kVal);
  }
  return list;
}

std::vector<RankLine> rank_lines(const Json& json, const std::string& where) {
  if (!json.is_array()) fail("{}: 'ranks' is no list", where);
  std::vector<RankLine> ranks;
  for (const Json& rank : json) {
    if (!rank.is_object()) fail("{}: an entry of 'ranks' is no object", where);
    ranks.push_back({.data = read_number(rank, "data_s", where),
                     .compute = read_number(rank, "compute_s", where),
                     .wait = read_number(rank, "wait_s", where),
                     .val = metrics_under(rank, kVal, where)});
  }
  return ranks;
}

Json epoch_json(const EpochLine& line) {
  Json json{{"kind", "epoch"}, {"epoch", line.epoch}, {"step", line.step}};
  add_metrics(json, line.train, kTrain);
  add_metrics(json, line.val, kVal);
  json.update({{"best", line.best},
               {"data_s", line.data_seconds},
               {"compute_s", line.compute_seconds},
               {"images_s", line.images_per_second},
               {"eval_s", line.eval_seconds}});
  if (line.skipped) json["skipped"] = *line.skipped;
  if (line.damaged) json["damaged"] = *line.damaged;
  if (line.overflows) json["overflows"] = *line.overflows;
  if (!line.ranks.empty()) json["ranks"] = ranks_json(line.ranks);
  for (const RankSpread& each : spreads_of(line.ranks)) {
    json["ranks_mean"][each.key] = each.mean;
    json["ranks_spread"][each.key] = each.spread;
  }
  return json;
}

Json event_json(const EventLine& line) {
  return {{"kind", "event"}, {"step", line.step}, {"epoch", line.epoch}, {"what", line.what}, {"text", line.text}};
}

EventLine event_line(const Json& json, const std::string& where) {
  return {.step = read_count(json, "step", where, 0),
          .epoch = read_count(json, "epoch", where, 0),
          .what = read_field<std::string>(json, "what", where),
          .text = read_field<std::string>(json, "text", where)};
}

StepLine step_line(const Json& json, const std::string& where) {
  StepLine line{.step = read_count(json, "step", where, 1),
                .epoch = read_count(json, "epoch", where, 1),
                .loss = read_number(json, "loss", where),
                .lr = read_number(json, "lr", where),
                .data_seconds = read_number(json, "data_s", where),
                .compute_seconds = read_number(json, "compute_s", where),
                .images_per_second = read_number(json, "images_s", where)};
  if (json.contains("gradient_norm")) line.gradient_norm = read_number(json, "gradient_norm", where);
  if (json.contains("loss_scale")) line.loss_scale = read_number(json, "loss_scale", where);
  if (json.contains("overflow")) line.overflow = read_field<bool>(json, "overflow", where);
  if (json.contains("wait_s")) line.wait_seconds = read_number(json, "wait_s", where);
  return line;
}

EpochLine epoch_line(const Json& json, const std::string& where) {
  EpochLine line{.epoch = read_count(json, "epoch", where, 1),
                 .step = read_count(json, "step", where, 1),
                 .train = metrics_under(json, kTrain, where),
                 .val = metrics_under(json, kVal, where),
                 .best = read_field<bool>(json, "best", where),
                 .data_seconds = read_number(json, "data_s", where),
                 .compute_seconds = read_number(json, "compute_s", where),
                 .images_per_second = read_number(json, "images_s", where),
                 .eval_seconds = read_number(json, "eval_s", where)};
  if (json.contains("skipped")) line.skipped = read_count(json, "skipped", where, 0);
  if (json.contains("damaged")) line.damaged = read_count(json, "damaged", where, 0);
  if (json.contains("overflows")) line.overflows = read_count(json, "overflows", where, 0);
  if (json.contains("ranks")) line.ranks = rank_lines(json["ranks"], where);
  return line;
}

/// Adds a line that must come after the last one.
template <class T>
void append(std::vector<T>& lines, T line, std::int64_t T::*number, const std::string& where) {
  const std::int64_t last = lines.empty() ? 0 : lines.back().*number;
  if (line.*number <= last) {
    fail("{}: number {} comes after number {}; two runs wrote to this log, or it was edited", where, line.*number,
         last);
  }
  lines.push_back(std::move(line));
}

}  // namespace

Times& Times::operator+=(const Times& other) {
  data += other.data;
  compute += other.compute;
  images += other.images;
  return *this;
}

Json to_json(const Line& line) {
  return std::visit(Overload{[](const StepLine& step) { return step_json(step); },
                             [](const EpochLine& epoch) { return epoch_json(epoch); },
                             [](const EventLine& event) { return event_json(event); }},
                    line);
}

bool is_epoch(const Json& json) {
  const auto kind = json.find("kind");
  return kind == json.end() ? json.contains("val_top1") : *kind == "epoch";
}

Line line_from_json(const Json& json, const std::string& where) {
  if (is_epoch(json)) return epoch_line(json, where);
  const auto kind = json.contains("kind") ? read_field<std::string>(json, "kind", where) : "step";
  if (kind == "step") return step_line(json, where);
  if (kind == "event") return event_line(json, where);
  fail("{}: a line of kind '{}', which this build does not know", where, shortened(kind));
}

std::vector<RankSpread> spreads_of(const std::vector<RankLine>& ranks) {
  std::vector<RankSpread> spreads;
  for (std::size_t i = 0; !ranks.empty() && i < ranks.front().val.size(); ++i) {
    double sum = 0, least = ranks.front().val[i].value, most = least;
    for (const RankLine& rank : ranks) {
      sum += rank.val[i].value;
      least = std::min(least, rank.val[i].value);
      most = std::max(most, rank.val[i].value);
    }
    spreads.push_back({ranks.front().val[i].key, sum / static_cast<double>(ranks.size()), most - least});
  }
  return spreads;
}

std::string epoch_text(const EpochLine& line, const metrics::Goal& goal, const std::string& title) {
  const Times times{.data = line.data_seconds, .compute = line.compute_seconds};
  std::string ranks;
  for (const RankSpread& each : spreads_of(line.ranks)) {
    if (each.key != goal.key) continue;
    ranks = format("; {} ranks: mean {} {:.2f}, spread {:.2f}", line.ranks.size(), each.key, each.mean, each.spread);
  }
  return format("{}: train {}; val {}{}{}; {:.0f} img/s, data {:.0f}%", title, metrics::brief(line.train, goal),
                metrics::line_of(line.val), line.best ? " (best)" : "", ranks, line.images_per_second,
                times.data_percent());
}

std::int64_t Lines::steps_per_epoch() const {
  if (!epochs.empty()) return epochs.back().step / epochs.back().epoch;
  return steps.empty() ? 0 : steps.back().step;
}

const EpochLine* Lines::best(const metrics::Goal& goal) const {
  const EpochLine* found = nullptr;
  for (const EpochLine& epoch : epochs) {
    if (found == nullptr || metrics::better(goal, epoch.val, found->val)) found = &epoch;
  }
  return found;
}

Lines read_lines(const std::filesystem::path& path) {
  Lines all;
  std::istringstream lines(read_text(path));
  std::int64_t number = 0;
  for (std::string text; std::getline(lines, text);) {
    const std::string where = format("{}:{}", path.string(), ++number);
    const Json json = parse_json(text);
    if (!json.is_object()) {
      fail(
          "{}: not a whole JSON object (a line cut by a crash?); go on with '--resume auto', which repairs the log, or "
          "remove the line",
          where);
    }
    std::visit(Overload{[&](StepLine line) { append(all.steps, line, &StepLine::step, where); },
                        [&](EpochLine line) { append(all.epochs, std::move(line), &EpochLine::epoch, where); },
                        [&](EventLine line) { all.events.push_back(std::move(line)); }},
               line_from_json(json, where));
  }
  return all;
}

}  // namespace springbok::run
