// The training loop.
#include "springbok/train/run_loop.h"

#include <chrono>
#include <cmath>
#include <utility>

#include "springbok/base/progress.h"
#include "springbok/data/check/data_warnings.h"
#include "springbok/engine/threads.h"
#include "springbok/graph/cost.h"
#include "springbok/model/input.h"
#include "springbok/train/init.h"
#include "springbok/train/settings.h"

namespace springbok::train {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

graph::Graph network_of(const recipe::Recipe& recipe, const TrainSettings& settings) {
  return settings.own.graph != nullptr ? *settings.own.graph : zoo::build(recipe.model, recipe.options);
}

StepperSettings stepper_with(const recipe::Recipe& recipe, const recipe::Pace& pace, const TrainSettings& settings) {
  StepperSettings made = stepper_settings(recipe, pace);
  if (settings.own.loss) made.loss = settings.own.loss;
  if (settings.own.rate) made.rate = settings.own.rate;
  return made;
}

}  // namespace

Loop::Loop(Start start, const data::Source& training, const data::Source& validation, const TrainSettings& settings)
    : start_(std::move(start)),
      recipe_(start_.recipe),
      training_(training),
      validation_(validation),
      settings_(settings),
      pace_(recipe::pace_of(recipe_, training.size())),
      learner_(network_of(recipe_, settings), static_cast<std::uint64_t>(recipe_.seed)),
      stepper_(learner_, stepper_with(recipe_, pace_, settings), start_.step()),
      recorder_({recipe_.out}, settings_),
      keeper_(start_, recorder_),
      card_(card_for(recipe_, training.classes())),
      goal_(metrics::goal_of(card_.task)) {
  position_.sums = metrics::empty_tally(card_.task);
  learner_.optimizer = optimizer_for(recipe_, learner_);
}

void Loop::begin() {
  recipe::check_last_batch(learner_.graph, recipe_, training_.size());
  const std::string started = start_.from ? "" : start_from(recipe_, learner_.state);
  recorder_.say(recipe_text(recipe_));
  recorder_.say(format("{}: {} parameters; {} steps an epoch, {} images a step; {} compute threads, {} loaders",
                       recipe_.model, with_commas(graph::count_params(learner_.graph)), pace_.steps_per_epoch,
                       pace_.images_per_step, recipe_.threads, recipe_.workers));
  if (!started.empty()) recorder_.say(started);
  recorder_.say("training images: " + training_.description());
  recorder_.say("validation images: " + validation_.description());
  for (const std::string& note : start_.notes) recorder_.say(note);
  for (const std::string& each : data::data_warnings(training_, validation_)) recorder_.say("warning: " + each);
  recorder_.begin(recipe_, card_.task, training_, validation_);
  if (start_.from) return go_on();
  recorder_.start_log();
}

void Loop::go_on() {
  const Snapshot& snapshot = start_.from->snapshot;
  restore(*start_.from, learner_);
  position_ = snapshot.position;
  card_.score = snapshot.card.score;
  if (keeper_.has_best()) best_ = snapshot.best;  // in a new folder the best is sought anew
  recorder_.go_on(position_.step, position_.epoch);
  recorder_.say(format("resumed from {}: {} epochs and {} steps done", start_.from->path.string(), position_.epoch,
                       position_.step));
  if (recipe_.threads != snapshot.threads) {
    recorder_.say(
        format("warning: {} compute threads, the checkpoint used {}: from here on results equal only to rounding",
               recipe_.threads, snapshot.threads));
  }
  start_.from.reset();  // unmaps the file
}

bool Loop::stopped() {
  if (stopped_by_.empty() && settings_.stop) stopped_by_ = settings_.stop();
  return !stopped_by_.empty();
}

/// A bad image costs no step: what was trained before is saved first.
std::optional<data::Batch> Loop::next_batch(data::Loader& loader) {
  try {
    return loader.next();
  } catch (const Error& error) {
    stepper_.abandon();
    save_and_fail(error);
  }
}

void Loop::add_batch(data::Batch& batch, metrics::Tally& sums) {
  const recipe::Mixed mixed = recipe::mix_batch(batch, recipe_, position_.epoch, position_.step_in_epoch);
  const tasks::MixedTargets targets{.targets = batch.targets, .partners = mixed.partners, .share = mixed.share};
  sums +=
      metrics::Tally(stepper_.add(model::input_tensor(batch), targets, pace_.images_in_step(position_.step_in_epoch)));
}

void Loop::one_step(data::Loader& loader) {
  const double began = now(), waited = loader.waited();
  metrics::Tally sums = metrics::empty_tally(card_.task);
  Stepper::Update update;
  std::int64_t batches = 0;
  try {
    while (batches < pace_.batches_in_step(position_.step_in_epoch)) {
      std::optional<data::Batch> batch = next_batch(loader);
      check(batch.has_value(), "the loader ends when the epoch does");
      ++batches;
      add_batch(*batch, sums);
      loader.recycle(std::move(*batch));
    }
    update = stepper_.update();
  } catch (const NotFinite& error) {
    dump_and_fail(error, batches);
  }
  run::Times times{.data = loader.waited() - waited, .images = metrics::samples_of(sums)};
  times.compute = now() - began - times.data;
  ++position_.step;
  ++position_.step_in_epoch;
  position_.sums += sums;
  outcome_.trained_images += times.images;
  epoch_times_ += times;
  run::StepLine line{.step = position_.step,
                     .epoch = position_.epoch + 1,
                     .loss = metrics::value_of(metrics::metrics_of(sums), "loss"),
                     .lr = update.lr,
                     .data_seconds = times.data,
                     .compute_seconds = times.compute,
                     .images_per_second = times.rate(),
                     .gradient_norm = update.gradient_norm};
  stopped_by_ = recorder_.step(line);
}

data::LoaderSettings Loop::loader_settings() const {
  return recipe::loader_settings(recipe_, pace_, position_.epoch, position_.step_in_epoch);
}

bool Loop::train_epoch() {
  epoch_times_ = {};
  data::Loader loader(training_, recipe::training_transform(recipe_), loader_settings());
  Progress progress({.title = epoch_title(),
                     .total = pace_.images_per_epoch,
                     .plain_seconds = recipe_.log_seconds,
                     .quiet = settings_.quiet,
                     .first = metrics::samples_of(position_.sums)});
  while (position_.step_in_epoch < pace_.steps_per_epoch) {
    one_step(loader);
    progress.update(metrics::samples_of(position_.sums),
                    format("{} lr {:.4g} data {:.0f}%", metrics::brief(metrics::metrics_of(position_.sums), goal_),
                           stepper_.next_lr(), epoch_times_.data_percent()));
    if (stopped()) break;
    const bool due = recipe_.checkpoint_steps > 0 && position_.step % recipe_.checkpoint_steps == 0;
    if (due && position_.step_in_epoch < pace_.steps_per_epoch) save(false);
  }
  tell_skipped(loader.skipped());
  return stopped_by_.empty();
}

void Loop::tell_skipped(const std::vector<std::string>& skipped) {
  constexpr std::size_t kShown = 3;
  skipped_ += static_cast<std::int64_t>(skipped.size());
  if (skipped.empty()) return;
  recorder_.say(format("warning: {}: {} bad image{} left out: {}; see 'springbok data verify'", epoch_title(),
                       with_commas(static_cast<std::int64_t>(skipped.size())), skipped.size() == 1 ? "" : "s",
                       join_first(skipped, kShown)));
}

model::Evaluation Loop::evaluation() {
  try {
    return model::evaluate(stepper_.executor(), learner_.state, card_.classes, validation_,
                           recipe::evaluation_transform(recipe_),
                           {.batch = recipe_.batch_size,
                            .workers = static_cast<int>(recipe_.workers),
                            .title = epoch_title() + " eval",
                            .plain_seconds = recipe_.log_seconds,
                            .quiet = settings_.quiet,
                            .allow_not_finite = true,  // the next step says so, with a dump
                            .stop = [this] { return stopped(); }});
  } catch (const Error& error) {
    save_and_fail(error);
  }
}

bool Loop::evaluate_epoch() {
  const double began = now();
  const model::Evaluation evaluation = this->evaluation();
  if (evaluation.stopped) return false;
  const double loss = metrics::loss_of(evaluation.tally);
  if (!std::isfinite(loss)) {
    fail("{}: the validation loss is {} after step {}, so this epoch is not saved; {}", epoch_title(), std::abs(loss),
         position_.step, kCalmer);
  }
  end_epoch(metrics::metrics_of(evaluation.tally), now() - began);
  return stopped_by_.empty();
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
  position_.epoch = line.epoch;
  position_.step_in_epoch = 0;
  position_.sums = metrics::empty_tally(card_.task);
  outcome_.last = val;
  card_.score = metrics::Score{.epoch = line.epoch, .metrics = val};
  if (line.best) best_ = *card_.score;
  if (recipe_.on_bad_image == data::OnBadImage::skip) line.skipped = std::exchange(skipped_, 0);
  if (settings_.damaged && recipe_.damaged_jpeg != data::DamagedJpeg::refuse) line.damaged = settings_.damaged->count();
  const std::string why = recorder_.epoch(line);
  save(line.best);
  recorder_.say_epoch(line, title);
  if (position_.epoch < recipe_.epochs) stopped_by_ = why;
}

tensors::Dict Loop::checkpoint() {
  const Snapshot snapshot{.position = position_,
                          .best = best_,
                          .card = card_,
                          .recipe = recipe::to_json(recipe_),
                          .data_digest = training_.digest(),
                          .validation_digest = validation_.digest(),
                          .threads = engine::compute_threads()};
  return to_dict(snapshot, learner_.save(stepper_.next_lr()));
}

Outcome Loop::finish() {
  if (best_.epoch == 0 && card_.score) best_ = *card_.score;  // a finished run, resumed in a new folder
  if (!keeper_.has_best()) save(true);
  if (const auto score = keeper_.release()) recorder_.finish(*score);
  outcome_.weights = keeper_.weights_path();
  recorder_.say("released weights: " + outcome_.weights);
  return outcome_;
}

Outcome Loop::run() {
  begin();
  const double began = now();
  while (position_.epoch < recipe_.epochs && !stopped() && train_epoch() && evaluate_epoch()) {
  }
  if (position_.epoch == recipe_.epochs) {
    finish();
  } else {
    if (!keeper_.has(position_.step)) save(false);
    recorder_.say(format("stopped by {} after step {}; go on with --resume auto", stopped_by_, position_.step));
    outcome_.ending = Ending::stopped;
    outcome_.stopped_by = stopped_by_;
  }
  outcome_.best = best_;
  outcome_.train_seconds = now() - began;
  return outcome_;
}

}  // namespace springbok::train
