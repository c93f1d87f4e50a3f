// What the ranks of a run tell each other.
#include <algorithm>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

#include "springbok/base/json.h"
#include "springbok/train/run_loop.h"
#include "springbok/train/statistics.h"
#include "springbok/train/together.h"

namespace springbok::train {
namespace {

using Json = nlohmann::ordered_json;

/// Numbers as they are: some may be none.
std::string bytes_of(const std::vector<double>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(double)};
}

std::vector<double> numbers_of(const std::string& bytes) {
  std::vector<double> numbers(bytes.size() / sizeof(double));
  std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return numbers;
}

std::vector<double> values_of(const metrics::Metrics& metrics) {
  std::vector<double> values;
  for (const metrics::Metric& metric : metrics) values.push_back(metric.value);
  return values;
}

}  // namespace

std::string Loop::named(const std::string& what) const {
  return alone() ? what : format("rank {} of {}: {}", group_.rank(), group_.size(), what);
}

bool Loop::loads_whole_batches() const {
  if (alone() || !fed_.mix.in_epoch(position_.epoch)) return false;
  return fed_.mix.partner != data::MixPartner::previous || fed_.mix.mode == data::MixMode::pair;
}

/// The first answer in the order of ranks.
std::string Loop::first_said(const std::string& mine) {
  for (const std::string& each : gather(mine, group_)) {
    if (!each.empty()) return each;
  }
  return "";
}

/// Where each rank loads all images they are the same.
std::vector<std::string> Loop::of_all_ranks(const std::vector<std::string>& mine) {
  if (alone() || loads_whole_batches() || recipe_.on_bad_image != data::OnBadImage::skip) return mine;
  std::vector<std::string> all;
  for (const std::string& text : gather(json_text(Json(mine)), group_)) {
    for (const Json& each : Json::parse(text)) all.push_back(each.get<std::string>());
  }
  return all;
}

/// What the ranks did in the step becomes what all did. Rank 0 has the mean of their times, the others their own.
void Loop::agree(metrics::Tally& sums, StepTimes& times) {
  if (alone()) return;
  const Json mine{{"stop", settings_.stop ? settings_.stop() : ""},
                  {"save", settings_.save && settings_.save()},
                  {"times", {times.data, times.compute, times.wait}}};
  const double share = group_.rank() == 0 ? 1.0 / group_.size() : 0;
  StepTimes mean;
  std::vector<std::string> tallies;
  save_asked_ = false;
  for (const std::string& text : gather(json_text(mine) + '\n' + packed(sums), group_)) {
    const std::size_t end = text.find('\n');
    tallies.push_back(text.substr(end + 1));
    const Json one = Json::parse(text.substr(0, end));
    if (stop_asked_.empty()) stop_asked_ = one["stop"].get<std::string>();
    save_asked_ = save_asked_ || one["save"].get<bool>();
    mean.data += share * one["times"][0].get<double>();
    mean.compute += share * one["times"][1].get<double>();
    mean.wait += share * one["times"][2].get<double>();
  }
  if (group_.rank() == 0) times = mean;
  sums = sum_of_packed(tallies, card_.task);
  times.images = metrics::samples_of(sums);
}

std::vector<run::RankLine> Loop::rank_lines(const Judged& judged) {
  std::vector<run::RankLine> lines;
  if (alone()) return lines;
  const std::string mine = bytes_of({own_times_.data, own_times_.compute - own_times_.wait, own_times_.wait});
  for (const std::string& text : gather(mine, group_)) {
    const std::vector<double> times = numbers_of(text);
    lines.push_back({.data = times[0], .compute = times[1], .wait = times[2]});
    if (!judged.ranks.empty()) lines.back().val = judged.ranks[lines.size() - 1];
  }
  return lines;
}

/// Of several ranks one that is to stop hails the others, so that none goes on alone for long.
bool Loop::stops_evaluation() {
  if (alone()) return stopped();
  if (stop_asked_.empty() && settings_.stop) stop_asked_ = settings_.stop();
  if (!stop_asked_.empty()) group_.hail();
  return !stop_asked_.empty() || group_.hailed();
}

/// All ranks' shares put together: the numbers do not depend on how many there are. Batches are those of one rank, and
/// their losses are added in the same order.
void Loop::join(Judged& judged) {
  stopped_by_ = first_said(stop_asked_);
  judged.evaluation.stopped = !stopped_by_.empty();
  if (judged.evaluation.stopped) return;
  if (evaluates_all()) {
    const metrics::Metrics own = metrics::metrics_of(judged.evaluation.tally);
    for (const std::string& text : gather(bytes_of(values_of(own)), group_)) {
      const std::vector<double> values = numbers_of(text);
      judged.ranks.push_back(own);
      for (std::size_t i = 0; i < own.size(); ++i) judged.ranks.back()[i].value = values[i];
    }
    judged.val = judged.ranks.front();
    return;
  }
  metrics::Tally all = sum_of_packed(gather(packed(judged.evaluation.tally), group_), card_.task);
  std::vector<double> own;
  std::int64_t before = 0;
  for (std::size_t i = 0; i < judged.losses.size(); ++i) {
    own.push_back(static_cast<double>(part().at(before)));
    own.push_back(judged.losses[i]);
    before += judged.images[i];
  }
  std::map<double, double> losses;  // by the batch's first image
  for (const std::string& text : gather(bytes_of(own), group_)) {
    const std::vector<double> pairs = numbers_of(text);
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) losses[pairs[i]] = pairs[i + 1];
  }
  double sum = 0;
  for (const auto& [first, loss] : losses) sum += loss;
  std::visit([&](auto& tally) { tally.loss = sum; }, all);
  judged.val = metrics::metrics_of(all);
}

void Loop::join_predictions(model::Evaluation& evaluation) {
  Json mine = Json::array();
  for (const metrics::Prediction& each : evaluation.predictions) mine.push_back(metrics::to_json(each));
  std::vector<metrics::Prediction> all(static_cast<std::size_t>(validation_.size()));
  const std::vector<std::string> texts = gather(json_text(mine), group_);
  for (int rank = 0; rank < group_.size(); ++rank) {
    const data::Part part{.rank = rank, .ranks = group_.size(), .block = recipe_.batch_size};
    const Json list = Json::parse(texts[static_cast<std::size_t>(rank)]);
    for (std::size_t i = 0; i < list.size(); ++i) {
      all.at(static_cast<std::size_t>(part.at(static_cast<std::int64_t>(i)))) =
          metrics::prediction_from_json(list[i], "another rank");
    }
  }
  evaluation.predictions = std::move(all);
}

std::vector<at::Tensor> Loop::statistics() {
  std::vector<at::Tensor> all = running_statistics(learner_.graph, learner_.state);
  for (const auto& average : learner_.averages) {
    for (const at::Tensor& each : running_statistics(learner_.graph, average->state())) all.push_back(each);
  }
  return all;
}

/// Where each rank has its own, a checkpoint has all of them, so that a resumed run goes on with the same bits.
void Loop::gather_statistics() {
  if (own_statistics()) statistics_ = rows_of_ranks(row_of_all(statistics()), group_);
}

/// Of as many ranks; else all go on with rank 0's.
void Loop::restore_statistics(const Checkpoint& checkpoint) {
  const auto* stored = tensors::find_as<tensors::Tensor>(checkpoint.learner, kRankStatistics);
  if (!own_statistics() || stored == nullptr) return;
  const at::Tensor rows = engine::from_plain(*stored), own = row_of_all(statistics());
  if (rows.dim() == 2 && rows.size(0) == group_.size() && rows.size(1) == own.numel()) {
    fill_from_row(statistics(), rows[group_.rank()]);
  }
}

}  // namespace springbok::train
