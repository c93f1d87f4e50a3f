// The evaluation after an epoch, and what ends with it.
#include <algorithm>
#include <cmath>
#include <utility>

#include "springbok/engine/memory.h"
#include "springbok/model/input.h"
#include "springbok/train/recalibrate.h"
#include "springbok/train/run_loop.h"
#include "springbok/train/settings.h"
#include "springbok/train/statistics.h"
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
    if (images < most) batch = alone() ? next_batch(loader) : loader.next();
    if (!batch) return std::nullopt;
    images += batch->size;
    return model::input_tensor(*batch).clone();
  };
  recalibrate(learner_.graph, learner_.best_weights(), next, static_cast<std::uint64_t>(recipe_.seed));
}

/// This rank's part of the evaluation.
Judged Loop::own_evaluation(KeptMasks& masks) {
  renew_statistics();
  const data::Part part = this->part();
  Judged judged;
  // Outside of the call: GCC 12 takes what stands within for destroyed twice.
  model::EvaluateSettings settings;
  settings.batch = recipe_.batch_size;
  settings.workers = static_cast<int>(recipe_.workers);
  settings.on_mask = [&](std::int64_t sample, const image::Image& truth, const image::Image& mask) {
    masks.add(evaluates_all() ? sample : part.at(sample), truth, mask, card_.classes);
  };
  settings.on_loss = [&](std::int64_t images, double loss) {
    judged.images.push_back(images);
    judged.losses.push_back(loss);
  };
  settings.predictions = kGuesses;
  settings.title = epoch_title() + " eval";
  settings.plain_seconds = recipe_.log_seconds;
  settings.quiet = settings_.quiet || group_.rank() > 0;
  settings.precision = recipe_.precision;
  settings.allow_not_finite = true;  // the next step says so, with a dump
  settings.stop = [this] { return stops_evaluation(); };
  const auto of = [&](const data::Source& source) {
    return model::evaluate(stepper_.executor(), learner_.best_weights(), card_.classes, source,
                           recipe::evaluation_samples(recipe_), settings);
  };
  judged.evaluation.tally = metrics::empty_tally(card_.task);
  if (evaluates_all()) {
    judged.evaluation = of(validation_);
  } else if (const auto own = data::part_of(validation_, part); own->size() > 0) {
    judged.evaluation = of(*own);
  }
  return judged;
}

Judged Loop::evaluation(KeptMasks& masks) {
  keeper_.wait_copied();
  learner_.end_epoch(position_.epoch + 1);
  Judged judged;
  try {
    const bool own = recipe_.ranks.bn_stats == recipe::BnStats::local && !evaluates_all();
    const FirstStatistics first(learner_.graph, learner_.best_weights(), group_, own);
    all_or_none(group_, [&] {
      try {
        judged = own_evaluation(masks);
      } catch (const engine::RankLost&) {
        throw;
      } catch (const Error& error) {
        if (alone()) throw;
        fail("{}", named(error.what()));
      }
    });
  } catch (const engine::RankLost&) {
    throw;
  } catch (const engine::OutOfMemory& error) {
    fail_of_memory(error.what());
  } catch (const Error& error) {
    save_and_fail(error);
  }
  if (alone()) {
    judged.val = metrics::metrics_of(judged.evaluation.tally);
  } else {
    join(judged);
  }
  return judged;
}

void Loop::evaluate_epoch() {
  const double began = now();
  KeptMasks masks(validation_);
  Judged judged = evaluation(masks);
  if (judged.evaluation.stopped) return;
  const double loss = metrics::value_of(judged.val, "loss");
  if (!std::isfinite(loss)) {
    const std::string what =
        format("{}: the validation loss is {} after step {}", epoch_title(), std::abs(loss), position_.step);
    if (recipe_.on_nan.policy == recipe::NanPolicy::rollback && may_go_on()) return roll_back(what);
    if (group_.rank() > 0) throw EndedElsewhere(what, false);
    fail("{}, so this epoch is not saved; {}", what, kCalmer);
  }
  end_epoch(judged, now() - began);
  if (best_.epoch == position_.epoch) keep_evaluation(judged, masks);
}

/// What the best evaluation said of each image.
void Loop::keep_evaluation(Judged& judged, KeptMasks& masks) {
  const bool pixels = std::holds_alternative<metrics::Segment>(card_.task);
  if (!evaluates_all() && pixels) masks.join(group_);
  if (!evaluates_all() && !pixels) join_predictions(judged.evaluation);
  on_first_rank(group_, [&] {
    if (pixels) return keeper_.keep(masks, card_.classes);
    keeper_.keep(judged.evaluation.predictions);
  });
}

/// Images that were read although damaged, by all ranks.
std::int64_t Loop::damaged() {
  const auto own = static_cast<double>(settings_.damaged->count());
  return static_cast<std::int64_t>(summed_over_ranks({own}, group_)[0]);
}

void Loop::end_epoch(const Judged& judged, double seconds) {
  const metrics::Metrics& val = judged.val;
  const std::string title = epoch_title();
  run::EpochLine line{.epoch = position_.epoch + 1,
                      .step = position_.step,
                      .train = metrics::metrics_of(position_.sums),
                      .val = val,
                      .best = best_.epoch == 0 || metrics::better(goal_, val, best_.metrics),
                      .data_seconds = epoch_times_.data,
                      .compute_seconds = epoch_times_.compute,
                      .images_per_second = epoch_times_.rate(),
                      .eval_seconds = seconds,
                      .ranks = rank_lines(judged)};
  if (learner_.plateau) learner_.plateau->step(metrics::value_of(val, goal_.key), stepper_.scheduled_lr());
  position_.epoch = line.epoch;
  position_.step_in_epoch = 0;
  position_.sums = metrics::empty_tally(card_.task);
  outcome_.last = val;
  card_.score = metrics::Score{.epoch = line.epoch, .metrics = val};
  if (line.best) best_ = *card_.score;
  if (recipe_.on_bad_image == data::OnBadImage::skip) line.skipped = std::exchange(skipped_, 0);
  if (learner_.scaler) line.overflows = learner_.scaler->skipped();
  if (settings_.damaged && recipe_.damaged_jpeg != data::DamagedJpeg::refuse) line.damaged = damaged();
  const std::string why = first_said(recorder_.epoch(line));
  save(line.best);
  recorder_.say_epoch(line, title);
  if (position_.epoch < recipe_.epochs) stopped_by_ = why;
}

}  // namespace springbok::train
