// The evaluation after an epoch, and what ends with it.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "springbok/base/json.h"
#include "springbok/engine/memory.h"
#include "springbok/model/input.h"
#include "springbok/train/recalibrate.h"
#include "springbok/train/run_loop.h"
#include "springbok/train/settings.h"
#include "springbok/train/together.h"

namespace springbok::train {
namespace {

constexpr std::int64_t kGuesses = 3;  ///< of an image in the predictions that a report shows

}  // namespace

/// Batch norms of the weights to evaluate: from the epoch's own training images, as they were augmented.
void Loop::renew_statistics() {
  const bool averaged = recipe_.averages.swa_start > 0 && position_.epoch >= recipe_.averages.swa_start;
  const std::int64_t asked = recipe_.averages.recalibrate_bn;
  if (asked == 0 && !averaged) return;
  const std::int64_t most = asked > 0 ? std::min(asked, pace_.images_per_epoch) : pace_.images_per_epoch;
  data::Loader loader(training_, recipe::training_samples(recipe_, position_.epoch),
                      recipe::loader_settings(fed_, pace_, position_.epoch, 0));
  std::int64_t images = 0;
  const auto next = [&]() -> std::optional<at::Tensor> {
    std::optional<data::Batch> batch;
    if (images < most) batch = next_batch(loader);
    if (!batch) return std::nullopt;
    images += batch->size;
    return model::input_tensor(*batch).clone();
  };
  recalibrate(learner_.graph, learner_.best_weights(), next, static_cast<std::uint64_t>(recipe_.seed));
}

/// This rank's share of the evaluation: every so many of the images, each by one rank alone.
model::Evaluation Loop::own_evaluation(KeptMasks& masks) {
  learner_.end_epoch(position_.epoch + 1);
  renew_statistics();
  // Outside of the call: GCC 12 takes what stands within for destroyed twice.
  model::EvaluateSettings settings;
  settings.batch = recipe_.batch_size;
  settings.workers = static_cast<int>(recipe_.workers);
  settings.on_mask = [&](std::int64_t sample, const image::Image& truth, const image::Image& mask) {
    masks.add(sample, truth, mask, card_.classes);
  };
  settings.predictions = kGuesses;
  settings.title = epoch_title() + " eval";
  settings.plain_seconds = recipe_.log_seconds;
  settings.quiet = settings_.quiet || group_.rank() > 0;
  settings.precision = recipe_.precision;
  settings.allow_not_finite = true;  // the next step says so, with a dump
  settings.stop = [this] { return stopped(); };
  const auto of = [&](const data::Source& source) {
    return model::evaluate(stepper_.executor(), learner_.best_weights(), card_.classes, source,
                           recipe::evaluation_samples(recipe_), settings);
  };
  if (alone()) return of(validation_);
  const std::unique_ptr<data::Source> part = data::part_of(validation_, group_.rank(), group_.size());
  if (part->size() > 0) return of(*part);
  model::Evaluation nothing;
  nothing.tally = metrics::empty_tally(card_.task);
  return nothing;
}

/// All ranks' shares put together: the numbers do not depend on how many there are.
void Loop::join_evaluations(model::Evaluation& evaluation) {
  auto mine = nlohmann::ordered_json::array();
  for (const metrics::Prediction& each : evaluation.predictions) mine.push_back(metrics::to_json(each));
  std::vector<nlohmann::ordered_json> parts;
  for (const std::string& text : gather(json_text(mine), group_)) {
    parts.push_back(nlohmann::ordered_json::parse(text));
  }
  evaluation.predictions.clear();
  for (std::int64_t i = 0; i < validation_.size(); ++i) {
    const nlohmann::ordered_json& part = parts[static_cast<std::size_t>(i % group_.size())];
    const auto at = static_cast<std::size_t>(i / group_.size());
    if (at < part.size()) evaluation.predictions.push_back(metrics::prediction_from_json(part[at], "another rank"));
  }
  evaluation.tally = tally_of_all(evaluation.tally, card_.task, group_);
}

model::Evaluation Loop::evaluation(KeptMasks& masks) {
  try {
    model::Evaluation evaluation;
    all_or_none(group_, [&] { evaluation = own_evaluation(masks); });
    if (!alone()) join_evaluations(evaluation);
    return evaluation;
  } catch (const engine::RankLost& error) {
    fail("{}: {}; go on from the last checkpoint with --resume auto", epoch_title(), error.what());
  } catch (const engine::OutOfMemory& error) {
    fail_of_memory(error.what());
  } catch (const Error& error) {
    if (!alone()) throw;
    save_and_fail(error);
  }
}

void Loop::evaluate_epoch() {
  const double began = now();
  KeptMasks masks(validation_);
  const model::Evaluation evaluation = this->evaluation(masks);
  if (evaluation.stopped) return;
  const double loss = metrics::loss_of(evaluation.tally);
  if (!std::isfinite(loss)) {
    const std::string what =
        format("{}: the validation loss is {} after step {}", epoch_title(), std::abs(loss), position_.step);
    if (recipe_.on_nan.policy == recipe::NanPolicy::rollback && may_go_on()) return roll_back(what);
    if (group_.rank() > 0) throw EndedElsewhere(what);
    fail("{}, so this epoch is not saved; {}", what, kCalmer);
  }
  end_epoch(metrics::metrics_of(evaluation.tally), now() - began);
  if (best_.epoch != position_.epoch) return;
  on_first_rank(group_, [&] {
    if (std::holds_alternative<metrics::Segment>(card_.task)) return keeper_.keep(masks, card_.classes);
    keeper_.keep(evaluation.predictions);
  });
}

void Loop::end_epoch(const metrics::Metrics& val, double seconds) {
  const std::string title = epoch_title();
  run::EpochLine line{.epoch = position_.epoch + 1,
                      .step = position_.step,
                      .train = metrics::metrics_of(position_.sums),
                      .val = val,
                      .best = best_.epoch == 0 || metrics::better(goal_, val, best_.metrics),
                      .data_seconds = epoch_times_.data,
                      .compute_seconds = epoch_times_.compute,
                      .images_per_second = epoch_times_.rate(),
                      .eval_seconds = seconds};
  if (learner_.plateau) learner_.plateau->step(metrics::value_of(val, goal_.key), stepper_.scheduled_lr());
  position_.epoch = line.epoch;
  position_.step_in_epoch = 0;
  position_.sums = metrics::empty_tally(card_.task);
  outcome_.last = val;
  card_.score = metrics::Score{.epoch = line.epoch, .metrics = val};
  if (line.best) best_ = *card_.score;
  if (recipe_.on_bad_image == data::OnBadImage::skip) line.skipped = std::exchange(skipped_, 0);
  if (learner_.scaler) line.overflows = learner_.scaler->skipped();
  if (settings_.damaged && recipe_.damaged_jpeg != data::DamagedJpeg::refuse) line.damaged = settings_.damaged->count();
  const std::string why = recorder_.epoch(line);
  save(line.best);
  recorder_.say_epoch(line, title);
  if (position_.epoch < recipe_.epochs) stopped_by_ = why;
}

}  // namespace springbok::train
