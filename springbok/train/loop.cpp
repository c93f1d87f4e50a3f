// The training loop.
#include "springbok/train/loop.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/base/progress.h"
#include "springbok/data/check/data_warnings.h"
#include "springbok/engine/threads.h"
#include "springbok/graph/cost.h"
#include "springbok/model/input.h"
#include "springbok/train/init.h"
#include "springbok/train/loop_run.h"
#include "springbok/train/settings.h"

namespace springbok::train {
namespace {

using Json = nlohmann::ordered_json;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

model::Card card_for(const recipe::Recipe& recipe, const std::vector<std::string>& classes) {
  return {.model = recipe.model,
          .options = recipe.options,
          .classes = classes,
          .preprocess = recipe.preprocess,
          .preprocess_from = {},
          .metrics = {},
          .recipe_digest = digest(recipe),
          .val_share = recipe.val_share};
}

/// As weights carry them.
model::Metrics metrics_of(const run::EpochEnd& end) {
  return {
      .top1 = end.val.top1_percent(), .top5 = end.val.top5_percent(), .loss = end.val.mean_loss(), .epoch = end.epoch};
}

}  // namespace

Loop::Loop(Plan plan, const data::Source& training, const data::Source& validation, const TrainSettings& settings)
    : plan_(std::move(plan)),
      recipe_(plan_.recipe),
      training_(training),
      validation_(validation),
      settings_(settings),
      pace_(pace_of(plan_.recipe, training.size())),
      graph_(zoo::build(plan_.recipe.model, plan_.recipe.options)),
      state_(engine::initialise(graph_, static_cast<std::uint64_t>(plan_.recipe.seed))),
      stepper_(graph_, state_, stepper_settings(plan_.recipe, pace_), plan_.step()),
      train_transform_(plan_.recipe.preprocess, plan_.recipe.augment),
      eval_transform_(plan_.recipe.preprocess),
      folder_{plan_.recipe.out},
      checkpoints_(plan_.checkpoints),
      card_(card_for(plan_.recipe, output_names(plan_.recipe, training.classes()))) {}

void Loop::say(const std::string& line) const {
  if (settings_.say) return settings_.say(line);
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

void Loop::start() {
  check_last_batch(graph_, recipe_, training_.size());
  const std::string started = plan_.from ? "" : start_from(recipe_, state_);
  say(recipe_text(recipe_));
  say(format("{}: {} parameters; {} steps an epoch, {} images a step; {} compute threads, {} loaders", recipe_.model,
             with_commas(graph::count_params(graph_)), pace_.steps_per_epoch, pace_.images_per_step, recipe_.threads,
             recipe_.workers));
  if (!started.empty()) say(started);
  say("training images: " + training_.description());
  say("validation images: " + validation_.description());
  for (const std::string& note : plan_.notes) say(note);
  for (const std::string& each : data::data_warnings(training_, validation_)) say("warning: " + each);
  record_ = run::run_record(to_json(recipe_), training_, validation_);
  write_file(folder_.run_json(), json_text(record_, 1) + "\n");
  if (plan_.from) return go_on();
  log_ = std::make_unique<run::Log>(folder_.log());
}

void Loop::go_on() {
  const Snapshot& snapshot = plan_.from->snapshot;
  restore(*plan_.from, graph_, state_, stepper_.sgd());
  position_ = snapshot.position;
  card_.metrics = snapshot.card.metrics;
  if (checkpoints_.best()) best_ = snapshot.best;  // in a new folder the best is sought anew
  log_ = std::make_unique<run::Log>(folder_.log(), position_.step, position_.epoch);
  say(format("resumed from {}: {} epochs and {} steps done", plan_.from->path.string(), position_.epoch,
             position_.step));
  if (recipe_.threads != snapshot.threads) {
    say(format("warning: {} compute threads, the checkpoint used {}: from here on results equal only to rounding",
               recipe_.threads, snapshot.threads));
  }
  plan_.from.reset();  // unmaps the file
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

void Loop::add_batch(data::Batch& batch, metrics::Sums& sums) {
  const Mixed mixed = mix_batch(batch, recipe_, position_.epoch, position_.step_in_epoch);
  const at::Tensor input = model::input_tensor(batch);
  sums += stepper_.add(input, mixed.targets(batch), pace_.images_in_step(position_.step_in_epoch));
}

void Loop::one_step(data::Loader& loader) {
  const double began = now(), waited = loader.waited();
  metrics::Sums sums;
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
  run::Times times{.data = loader.waited() - waited, .images = sums.samples};
  times.compute = now() - began - times.data;
  ++position_.step;
  ++position_.step_in_epoch;
  position_.sums += sums;
  trained_images_ += sums.samples;
  epoch_times_ += times;
  run::StepEnd end{.position = position_, .sums = sums, .lr = update.lr, .gradient_norm = {}, .times = times};
  if (recipe_.clip_norm > 0) end.gradient_norm = update.gradient_norm;
  log_->write(step_line(end));
}

data::LoaderSettings Loop::loader_settings() const {
  return {.batch = recipe_.batch_size,
          .workers = static_cast<int>(recipe_.workers),
          .seed = static_cast<std::uint64_t>(recipe_.seed),
          .epoch = position_.epoch,
          .first_batch = position_.step_in_epoch * recipe_.accumulate,
          .shuffle = true,
          .drop_last = recipe_.drop_last,
          .repeats = recipe_.repeat_augment,
          .shuffle_buffer = recipe_.shuffle_buffer,
          .mix_over = recipe_.mix.any() ? pace_.images_per_step : 0,
          .skip_bad = recipe_.on_bad_image == data::OnBadImage::skip};
}

bool Loop::stopped() {
  if (stopped_by_.empty() && settings_.stop) stopped_by_ = settings_.stop();
  return !stopped_by_.empty();
}

bool Loop::train_epoch() {
  epoch_times_ = {};
  data::Loader loader(training_, train_transform_, loader_settings());
  Progress progress({.title = epoch_title(),
                     .total = pace_.images_per_epoch,
                     .plain_seconds = recipe_.log_seconds,
                     .quiet = settings_.quiet,
                     .first = position_.sums.samples});
  while (position_.step_in_epoch < pace_.steps_per_epoch) {
    one_step(loader);
    progress.update(position_.sums.samples,
                    format("loss {:.4f} top1 {:.2f} lr {:.4g} data {:.0f}%", position_.sums.mean_loss(),
                           position_.sums.top1_percent(), stepper_.next_lr(), epoch_times_.data_percent()));
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
  say(format("warning: {}: {} bad image{} left out: {}; see 'springbok data verify'", epoch_title(),
             with_commas(static_cast<std::int64_t>(skipped.size())), skipped.size() == 1 ? "" : "s",
             join_first(skipped, kShown)));
}

model::Evaluation Loop::evaluation() {
  try {
    return model::evaluate(stepper_.executor(), state_, card_.classes, validation_, eval_transform_,
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
  if (!std::isfinite(evaluation.sums.loss)) {
    fail("{}: the validation loss is {} after step {}, so this epoch is not saved; {}", epoch_title(),
         std::abs(evaluation.sums.loss), position_.step, kCalmer);
  }
  end_epoch(evaluation.sums, now() - began);
  return true;
}

void Loop::end_epoch(const metrics::Sums& val, double seconds) {
  const std::string title = epoch_title();
  const run::EpochEnd end{.epoch = position_.epoch + 1,
                          .step = position_.step,
                          .train = position_.sums,
                          .val = val,
                          .best = best_.epoch == 0 || val.top1_percent() > best_.sums.top1_percent(),
                          .times = epoch_times_,
                          .eval_seconds = seconds};
  position_.epoch = end.epoch;
  position_.step_in_epoch = 0;
  position_.sums = {};
  last_ = val;
  if (end.best) best_ = {.epoch = position_.epoch, .sums = val};
  card_.metrics = metrics_of(end);
  Json line = run::epoch_line(end);
  if (recipe_.on_bad_image == data::OnBadImage::skip) line["skipped"] = std::exchange(skipped_, 0);
  if (settings_.damaged && recipe_.damaged_jpeg != data::DamagedJpeg::refuse)
    line["damaged"] = settings_.damaged->count();
  log_->write(line);
  save(end.best);
  say(run::epoch_text(end, title));
}

Outcome Loop::outcome(double seconds) const {
  Outcome outcome{.ending = Ending::finished,
                  .stopped_by = stopped_by_,
                  .best_epoch = best_.epoch,
                  .best = best_.sums,
                  .last = last_,
                  .train_seconds = seconds,
                  .trained_images = trained_images_,
                  .weights = ""};
  if (position_.epoch == recipe_.epochs) {
    outcome.weights = folder_.weights().string();
  } else {
    outcome.ending = Ending::stopped;
  }
  return outcome;
}

Outcome Loop::run() {
  start();
  const double began = now();
  while (position_.epoch < recipe_.epochs) {
    if (!stopped() && train_epoch() && evaluate_epoch()) continue;
    save(false);
    say(format("stopped by {} after step {}; go on with --resume auto", stopped_by_, position_.step));
    return outcome(now() - began);
  }
  release_best();
  say("released weights: " + folder_.weights().string());
  return outcome(now() - began);
}

Outcome train(const recipe::Recipe& recipe, const recipe::Given& given, const data::Source& training,
              const data::Source& validation, const TrainSettings& settings) {
  Plan plan = make_plan(recipe, given);
  settle(plan, training, validation);
  engine::set_compute_threads(static_cast<int>(plan.recipe.threads));
  return Loop(std::move(plan), training, validation, settings).run();
}

Outcome train(const recipe::Recipe& recipe, const recipe::Given& given, const TrainSettings& settings) {
  Plan plan = make_plan(recipe, given);
  data::Damaged damaged;
  const TrainSettings told{.quiet = settings.quiet, .say = settings.say, .damaged = &damaged, .stop = settings.stop};
  const auto open = [&, &r = plan.recipe](const data::Split& split) {
    auto source = data::open_source(r.data, split, {.val_share = r.val_share});
    return data::limited(data::with_damaged(std::move(source), r.damaged_jpeg, damaged), r.limit);
  };
  const std::unique_ptr<data::Source> training = open(data::Split::train), validation = open(data::Split::val);
  settle(plan, *training, *validation);
  engine::set_compute_threads(static_cast<int>(plan.recipe.threads));
  return Loop(std::move(plan), *training, *validation, told).run();
}

}  // namespace springbok::train
