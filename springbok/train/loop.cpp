// The training loop.
#include "springbok/train/loop.h"

#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/base/progress.h"
#include "springbok/graph/cost.h"
#include "springbok/train/batch.h"
#include "springbok/train/checkpoint.h"
#include "springbok/train/dump.h"
#include "springbok/train/evaluate.h"
#include "springbok/train/init.h"
#include "springbok/train/manifest.h"
#include "springbok/train/pace.h"
#include "springbok/train/plan.h"
#include "springbok/train/run_folder.h"
#include "springbok/train/signals.h"
#include "springbok/train/stepper.h"
#include "springbok/train/threads.h"
#include "springbok/weights/write.h"

namespace springbok::train {
namespace {

using Json = nlohmann::ordered_json;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

constexpr const char* kCalmer = "try a lower --lr, a longer --warmup-epochs or --clip-norm";

/// Where the time of some steps went.
struct Times {
  double data = 0, compute = 0;
  std::int64_t images = 0;

  double total() const { return data + compute; }
  double rate() const { return total() > 0 ? static_cast<double>(images) / total() : 0; }
  double data_percent() const { return total() > 0 ? 100 * data / total() : 0; }
};

Card card_for(const Recipe& recipe, const std::vector<std::string>& classes) {
  Card card;
  card.model = recipe.model;
  card.options = recipe.options;
  card.classes = classes;
  card.preprocess = preprocess_of(recipe);
  card.recipe_digest = digest(recipe);
  return card;
}

class Loop {
 public:
  Loop(Plan plan, const data::Source& training, const data::Source& validation, const TrainSettings& settings);
  Outcome run();

 private:
  void start();
  void go_on();
  bool train_epoch();
  void tell_skipped(const std::vector<std::string>& skipped);
  void one_step(data::Loader& loader);
  std::optional<data::Batch> next_batch(data::Loader& loader, bool first_of_step);
  void add_batch(data::Batch& batch, tasks::Sums& sums);
  Evaluation evaluation();
  bool evaluate_epoch();
  void end_epoch(const tasks::Sums& validation, double seconds);
  void save(bool best);
  [[noreturn]] void save_and_fail(const Error& error);  // from its handler
  void release_best();
  Outcome outcome(double seconds) const;
  void say(const std::string& line) const;
  std::string epoch_title() const { return format("epoch {}/{}", position_.epoch + 1, recipe_.epochs); }

  Plan plan_;
  const Recipe& recipe_;
  const data::Source& training_;
  const data::Source& validation_;
  TrainSettings settings_;
  Pace pace_;
  graph::Graph graph_;
  engine::State state_;
  Stepper stepper_;
  data::Transform train_transform_, eval_transform_;
  RunFolder folder_;
  CheckpointFolder checkpoints_;
  std::unique_ptr<RunLog> log_;
  Json record_;
  Card card_;
  Position position_;
  Best best_;
  tasks::Sums last_;
  Times epoch_times_;
  std::int64_t trained_images_ = 0;
  std::int64_t skipped_ = 0;  ///< bad images left out of this epoch
  StopSignal stop_;
};

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
      train_transform_(preprocess_of(plan_.recipe), plan_.recipe.augment),
      eval_transform_(preprocess_of(plan_.recipe)),
      folder_{plan_.recipe.out},
      checkpoints_(folder_.checkpoints()),
      card_(card_for(plan_.recipe, training.classes())) {}

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
  record_ = run_record(to_json(recipe_), training_);
  write_file(folder_.run_json(), json_text(record_, 1) + "\n");
  if (plan_.from) return go_on();
  log_ = std::make_unique<RunLog>(folder_.log());
}

void Loop::go_on() {
  const Snapshot& snapshot = plan_.from->snapshot;
  restore(*plan_.from, graph_, state_, stepper_.sgd());
  position_ = snapshot.position;
  card_.metrics = snapshot.card.metrics;
  if (checkpoints_.best()) best_ = snapshot.best;  // in a new folder the best is sought anew
  log_ = std::make_unique<RunLog>(folder_.log(), position_.step, position_.epoch);
  say(format("resumed from {}: {} epochs and {} steps done", plan_.from->path.string(), position_.epoch,
             position_.step));
  if (recipe_.threads != snapshot.threads) {
    say(format("warning: {} compute threads, the checkpoint used {}: from here on results equal only to rounding",
               recipe_.threads, snapshot.threads));
  }
  plan_.from.reset();  // unmaps the file
}

/// A bad image costs no step: what was trained before is saved first. Not within a step of several batches, whose
/// first ones have moved the running statistics already.
std::optional<data::Batch> Loop::next_batch(data::Loader& loader, bool first_of_step) {
  try {
    return loader.next();
  } catch (const Error& error) {
    if (!first_of_step) throw;
    save_and_fail(error);
  }
}

void Loop::add_batch(data::Batch& batch, tasks::Sums& sums) {
  const Mixed mixed = mix_batch(batch, recipe_, position_.epoch, position_.step_in_epoch);
  const at::Tensor input = input_tensor(batch);
  try {
    sums += stepper_.add(input, mixed.targets(batch), pace_.images_in_step(position_.step_in_epoch));
  } catch (const NotFinite& error) {
    const std::string saved = dump(folder_, batch, graph_, state_, training_, stepper_.step() + 1);
    fail("{}; images: {}; batch and network saved in {}; {}", error.what(), sample_names(batch, training_), saved,
         kCalmer);
  }
}

void Loop::one_step(data::Loader& loader) {
  const double began = now(), waited = loader.waited();
  tasks::Sums sums;
  for (std::int64_t i = 0; i < pace_.batches_in_step(position_.step_in_epoch); ++i) {
    std::optional<data::Batch> batch = next_batch(loader, i == 0);
    check(batch.has_value(), "the loader ends when the epoch does");
    add_batch(*batch, sums);
    loader.recycle(std::move(*batch));
  }
  const Stepper::Update update = stepper_.update();
  Times times{.data = loader.waited() - waited, .images = sums.samples};
  times.compute = now() - began - times.data;
  ++position_.step;
  ++position_.step_in_epoch;
  position_.sums += sums;
  trained_images_ += sums.samples;
  epoch_times_.data += times.data;
  epoch_times_.compute += times.compute;
  epoch_times_.images += sums.samples;
  Json line = {{"step", position_.step}, {"epoch", position_.epoch + 1}, {"loss", sums.mean_loss()}, {"lr", update.lr},
               {"data_s", times.data},   {"compute_s", times.compute},   {"images_s", times.rate()}};
  if (recipe_.clip_norm > 0) line["gradient_norm"] = update.gradient_norm;
  log_->write(line);
}

bool Loop::train_epoch() {
  epoch_times_ = {};
  data::Loader loader(training_, train_transform_,
                      {.batch = recipe_.batch_size,
                       .workers = static_cast<int>(recipe_.workers),
                       .seed = static_cast<std::uint64_t>(recipe_.seed),
                       .epoch = position_.epoch,
                       .first_batch = position_.step_in_epoch * recipe_.accumulate,
                       .shuffle = true,
                       .drop_last = recipe_.drop_last,
                       .repeats = recipe_.repeat_augment,
                       .shuffle_buffer = recipe_.shuffle_buffer,
                       .mix_over = recipe_.mix.any() ? pace_.images_per_step : 0,
                       .skip_bad = recipe_.on_bad_image == "skip"});
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
    if (stop_.received() != 0) break;
    const bool due = recipe_.checkpoint_steps > 0 && position_.step % recipe_.checkpoint_steps == 0;
    if (due && position_.step_in_epoch < pace_.steps_per_epoch) save(false);
  }
  tell_skipped(loader.skipped());
  return stop_.received() == 0;
}

void Loop::tell_skipped(const std::vector<std::string>& skipped) {
  constexpr std::size_t kShown = 3;
  skipped_ += static_cast<std::int64_t>(skipped.size());
  if (skipped.empty()) return;
  say(format("warning: {}: {} bad image{} left out: {}; see 'springbok data verify'", epoch_title(),
             with_commas(static_cast<std::int64_t>(skipped.size())), skipped.size() == 1 ? "" : "s",
             join_first(skipped, kShown)));
}

Evaluation Loop::evaluation() {
  try {
    return evaluate(stepper_.executor(), state_, card_.classes, validation_, eval_transform_,
                    {.batch = recipe_.batch_size,
                     .workers = static_cast<int>(recipe_.workers),
                     .title = epoch_title() + " eval",
                     .plain_seconds = recipe_.log_seconds,
                     .quiet = settings_.quiet,
                     .allow_not_finite = true,  // the next step says so, with a dump
                     .stop = [this] { return stop_.received() != 0; }});
  } catch (const Error& error) {
    save_and_fail(error);
  }
}

bool Loop::evaluate_epoch() {
  const double began = now();
  const Evaluation evaluation = this->evaluation();
  if (evaluation.stopped) return false;
  if (!std::isfinite(evaluation.sums.loss)) {
    fail("{}: the validation loss is {} after step {}, so this epoch is not saved; {}", epoch_title(),
         std::abs(evaluation.sums.loss), position_.step, kCalmer);
  }
  end_epoch(evaluation.sums, now() - began);
  return true;
}

void Loop::end_epoch(const tasks::Sums& val, double seconds) {
  const tasks::Sums train = position_.sums;
  const std::string title = epoch_title();
  const bool best = best_.epoch == 0 || val.top1_percent() > best_.sums.top1_percent();
  position_.epoch += 1;
  position_.step_in_epoch = 0;
  position_.sums = {};
  last_ = val;
  if (best) best_ = {.epoch = position_.epoch, .sums = val};
  card_.metrics = Metrics{
      .top1 = val.top1_percent(), .top5 = val.top5_percent(), .loss = val.mean_loss(), .epoch = position_.epoch};
  Json line = {{"epoch", position_.epoch},
               {"step", position_.step},
               {"train_loss", train.mean_loss()},
               {"train_top1", train.top1_percent()},
               {"train_top5", train.top5_percent()},
               {"val_loss", val.mean_loss()},
               {"val_top1", val.top1_percent()},
               {"val_top5", val.top5_percent()},
               {"best", best},
               {"data_s", epoch_times_.data},
               {"compute_s", epoch_times_.compute},
               {"images_s", epoch_times_.rate()},
               {"eval_s", seconds}};
  if (recipe_.on_bad_image == "skip") line["skipped"] = std::exchange(skipped_, 0);
  if (settings_.damaged && recipe_.damaged_jpeg != "refuse") line["damaged"] = settings_.damaged->count();
  log_->write(line);
  save(best);
  say(format("{}: train loss {:.4f} top1 {:.2f}; val loss {:.4f} top1 {:.2f} top5 {:.2f}{}; {:.0f} img/s, data {:.0f}%",
             title, train.mean_loss(), train.top1_percent(), val.mean_loss(), val.top1_percent(), val.top5_percent(),
             best ? " (best)" : "", epoch_times_.rate(), epoch_times_.data_percent()));
}

void Loop::save(bool best) {
  const Snapshot snapshot{.position = position_,
                          .best = best_,
                          .card = card_,
                          .recipe = to_json(recipe_),
                          .data_digest = training_.digest(),
                          .threads = compute_threads()};
  const weights::Value root =
      to_value(snapshot, engine::state_dict(graph_, state_), stepper_.sgd().state_dict(stepper_.next_lr()));
  checkpoints_.save(root, position_.epoch, position_.step, best, recipe_.keep);
}

void Loop::save_and_fail(const Error& error) {
  if (position_.step == 0) throw;
  const std::optional<Listed> last = checkpoints_.last();
  if (!last || last->step != position_.step) save(false);
  fail("{}; step {} is saved: put that right and go on with --resume auto", error.what(), position_.step);
}

void Loop::release_best() {
  if (!checkpoints_.best()) save(true);  // a finished run, resumed in a new folder
  const Checkpoint checkpoint = read_checkpoint(checkpoints_.path(*checkpoints_.best()));
  weights::write_safetensors(folder_.weights(), checkpoint.state, to_metadata(checkpoint.snapshot.card));
  record_["finished"] = true;
  record_["best"] = to_json(checkpoint.snapshot.card.metrics);
  write_file(folder_.run_json(), json_text(record_, 1) + "\n");
}

Outcome Loop::outcome(double seconds) const {
  Outcome outcome{.ending = Ending::finished,
                  .best_epoch = best_.epoch,
                  .best = best_.sums,
                  .last = last_,
                  .train_seconds = seconds,
                  .trained_images = trained_images_,
                  .weights = ""};
  if (position_.epoch == recipe_.epochs) {
    outcome.weights = folder_.weights().string();
  } else {
    outcome.ending = stop_.received() == SIGINT ? Ending::interrupted : Ending::terminated;
  }
  return outcome;
}

Outcome Loop::run() {
  start();
  const double began = now();
  while (position_.epoch < recipe_.epochs) {
    if (stop_.received() == 0 && train_epoch() && evaluate_epoch()) continue;
    save(false);
    say(format("stopped by {} after step {}; go on with --resume auto",
               stop_.received() == SIGINT ? "SIGINT" : "SIGTERM", position_.step));
    return outcome(now() - began);
  }
  release_best();
  say("released weights: " + folder_.weights().string());
  return outcome(now() - began);
}

}  // namespace

int exit_code(Ending ending) {
  if (ending == Ending::interrupted) return 128 + SIGINT;
  if (ending == Ending::terminated) return 128 + SIGTERM;
  return 0;
}

Outcome train(const Recipe& recipe, const Given& given, const data::Source& training, const data::Source& validation,
              const TrainSettings& settings) {
  Plan plan = make_plan(recipe, given);
  settle(plan, training, validation);
  set_compute_threads(static_cast<int>(plan.recipe.threads));
  return Loop(std::move(plan), training, validation, settings).run();
}

Outcome train(const Recipe& recipe, const Given& given, const TrainSettings& settings) {
  Plan plan = make_plan(recipe, given);
  data::Damaged damaged;
  const TrainSettings told{.quiet = settings.quiet, .say = settings.say, .damaged = &damaged};
  const auto open = [&, &r = plan.recipe](data::Split split) {
    return data::limited(data::with_damaged(data::open_source(r.data, split), r.damaged_jpeg, damaged), r.limit);
  };
  const std::unique_ptr<data::Source> training = open(data::Split::train), validation = open(data::Split::val);
  settle(plan, *training, *validation);
  set_compute_threads(static_cast<int>(plan.recipe.threads));
  return Loop(std::move(plan), *training, *validation, told).run();
}

}  // namespace springbok::train
