// A run as a whole: how it begins, goes on, and ends.
#include "springbok/train/run_loop.h"

#include <cmath>

#include "springbok/base/choice.h"
#include "springbok/data/check/data_warnings.h"
#include "springbok/engine/device.h"
#include "springbok/engine/place.h"
#include "springbok/engine/state.h"
#include "springbok/engine/threads.h"
#include "springbok/graph/cost.h"
#include "springbok/train/branch.h"
#include "springbok/train/criterion.h"
#include "springbok/train/elastic_start.h"
#include "springbok/train/init.h"
#include "springbok/train/made_network.h"
#include "springbok/train/settings.h"
#include "springbok/train/together.h"

namespace springbok::train {
namespace {

std::unique_ptr<Teacher> teacher_of(const recipe::Recipe& recipe, const data::Source& training) {
  return recipe.loss.teacher.empty() ? nullptr : std::make_unique<Teacher>(recipe, training);
}

}  // namespace

StepperSettings stepper_with(const recipe::Recipe& recipe, const recipe::Pace& pace, const data::Source& training,
                             const Teacher* teacher, const TrainSettings& settings, std::int64_t rollbacks) {
  StepperSettings made = stepper_settings(recipe, pace, class_weights_of(recipe, training), group_of(settings));
  if (teacher != nullptr) made.distillation.teacher = [teacher](const at::Tensor& input) { return (*teacher)(input); };
  if (settings.own.loss) made.loss = settings.own.loss;
  if (settings.own.rate) {
    made.rate = settings.own.rate;
    made.momentum = nullptr;  // the schedule's, which is not used
  }
  if (rollbacks == 0) return made;
  const double factor = std::pow(recipe.on_nan.lr, static_cast<double>(rollbacks));
  made.rate = [rate = std::move(made.rate), factor](std::int64_t step) { return factor * rate(step); };
  if (recipe.on_nan.seed) made.seed = recipe::seed_after(made.seed, rollbacks);
  return made;
}

recipe::Recipe fed_with(const recipe::Recipe& recipe, std::int64_t rollbacks) {
  recipe::Recipe fed = recipe;
  const auto seed = static_cast<std::uint64_t>(recipe.seed);
  if (recipe.on_nan.seed) fed.seed = static_cast<std::int64_t>(recipe::seed_after(seed, rollbacks));
  return fed;
}

Loop::Loop(Start start, const data::Source& training, const data::Source& validation, const TrainSettings& settings)
    : group_(group_of(settings)),
      start_(std::move(start)),
      recipe_(start_.recipe),
      fed_(fed_with(recipe_, start_.rollbacks())),
      training_(training),
      validation_(validation),
      settings_(settings),
      pace_(recipe::pace_of(recipe_, training.size())),
      learner_(made_network(recipe_, settings.own.graph), static_cast<std::uint64_t>(recipe_.seed)),
      teacher_(teacher_of(recipe_, training)),
      objective_(objective_of(recipe_)),
      stepper_(learner_, stepper_with(recipe_, pace_, training, teacher_.get(), settings, start_.rollbacks()),
               start_.step()),
      recorder_({recipe_.out}, settings_, group_.rank()),
      keeper_(start_, recorder_),
      card_(card_for(recipe_, training.classes())),
      goal_(metrics::goal_of(card_.task)) {
  position_.sums = metrics::empty_tally(card_.task);
  engine::put(learner_.state, engine::parse_device(recipe_.device, "--device"));
  learner_.optimizer = optimizer_for(recipe_, learner_);
  learner_.scaler = scaler_for(recipe_);
}

/// All but what ranks do together.
void Loop::open() {
  if (settings_.own.loss && !std::holds_alternative<metrics::Classify>(card_.task)) {
    fail_usage("a loss of one's own is of one class an image, the data have the task {}; leave it out",
               metrics::name_of(card_.task));
  }
  if (recipe_.batch_size < group_.size()) {
    fail_usage("--batch-size: {} images cannot be shared by {} ranks; take a larger batch or fewer ranks",
               recipe_.batch_size, group_.size());
  }
  recipe::check_training_sizes(learner_.graph, recipe_);
  recipe::check_outputs(learner_.graph, recipe_);
  recipe::check_last_batch(learner_.graph, recipe_, training_.size(), group_.size());
  const std::string started = start_.from ? "" : start_anew();
  restore_learner();
  recorder_.say(recipe_text(recipe_));
  recorder_.say(format("{}: {} parameters; {} steps an epoch, {} images a step; {} compute threads, {} loaders{}",
                       recipe_.model, with_commas(graph::count_params(learner_.graph)), pace_.steps_per_epoch,
                       pace_.images_per_step, recipe_.threads, recipe_.workers,
                       recipe_.device == "cpu" ? "" : ", on " + recipe_.device));
  if (!alone()) {
    recorder_.say(format("{} ranks share each batch of {} images; batch norms' running statistics: {}", group_.size(),
                         recipe_.batch_size, name_of(recipe_.ranks.bn_stats, recipe::bn_stats_names())));
  }
  if (!started.empty()) recorder_.say(started);
  for (const std::string& note : teacher_ ? teacher_->notes() : std::vector<std::string>{}) recorder_.say(note);
  recorder_.say("training images: " + training_.description());
  recorder_.say("validation images: " + validation_.description());
  for (const std::string& note : start_.notes) recorder_.say(note);
  for (const std::string& each : data::data_warnings(training_, validation_)) recorder_.say("warning: " + each);
  recorder_.begin(recipe_, card_.task, training_, validation_, start_.parent);
  if (start_.from) {
    go_on();
  } else {
    recorder_.start_log();
  }
}

void Loop::begin() {
  all_or_none(group_, [this] { open(); });
  if (start_.from) restore_statistics(*start_.from);
  start_.from.reset();  // unmaps the file
  const bool first = !start_.checkpoints.last();
  if (first && recipe_.on_nan.policy == recipe::NanPolicy::rollback) save(false);  // what the first epoch goes back to
}

/// From new values, or from weights. Returns what is to be said of it.
std::string Loop::start_anew() {
  if (recipe_.init_form == recipe::InitForm::fit) return start_from(recipe_, learner_.state);
  ElasticStart start = start_as_elastic(recipe_, learner_);
  position_.epoch = start.epoch;
  position_.step = start.epoch * pace_.steps_per_epoch;
  stepper_.restart(stepper_with(recipe_, pace_, training_, teacher_.get(), settings_, 0), position_.step);
  return std::move(start.text);
}

/// Averages begin as the weights are, unless the checkpoint has them.
void Loop::restore_learner() {
  if (recipe_.rate.kind == recipe::ScheduleKind::plateau) learner_.plateau.emplace(recipe_.plateau, goal_.higher);
  if (start_.branched) restore_branch(*start_.from, *start_.branched, recipe_, learner_, settings_.own.graph);
  if (auto average = average_for(recipe_, learner_)) learner_.averages.push_back(std::move(average));
  if (start_.branched) return take_averages(*start_.from, *start_.branched, learner_);
  if (start_.from) expect_same_teacher(start_.from->snapshot.teacher_digest);
  if (start_.from) restore(*start_.from, learner_);
}

/// Another one would make another run under the same recipe.
void Loop::expect_same_teacher(const std::string& digest) const {
  if (!teacher_ || digest.empty() || digest == teacher_->digest()) return;
  fail(
      "--teacher {}: is another file than this run learnt from (SHA-256 differs); put the old one there, or go on as "
      "another run with --resume {} --out NEW",
      recipe_.loss.teacher, recipe_.out);
}

void Loop::go_on() {
  const Snapshot& snapshot = start_.from->snapshot;
  position_ = snapshot.position;
  card_.score = snapshot.card.score;
  if (keeper_.has_best()) best_ = snapshot.best;  // in a new folder the best is sought anew
  recorder_.go_on(position_.step, position_.epoch);
  recorder_.say(format("resumed from {}: {} epochs and {} steps done", start_.from->path.string(), position_.epoch,
                       position_.step));
  if (start_.branched) {
    const std::string changes = changes_text(start_.parent["changed"]);
    recorder_.say("a new run that goes on from there; changed: " + (changes.empty() ? "nothing" : changes));
  }
  if (snapshot.ranks != group_.size()) {
    recorder_.say(
        format("{} ranks, the checkpoint was of {}: the same batches, shared otherwise; from here on results "
               "equal only to rounding",
               group_.size(), snapshot.ranks));
  } else if (recipe_.threads != snapshot.threads) {
    recorder_.say(
        format("warning: {} compute threads, the checkpoint used {}: from here on results equal only to rounding",
               recipe_.threads, snapshot.threads));
  }
}

/// Several ranks are asked after each step, together.
bool Loop::stopped() {
  if (alone() && stopped_by_.empty() && settings_.stop) stopped_by_ = settings_.stop();
  return !stopped_by_.empty();
}

tensors::Dict Loop::checkpoint() {
  const Snapshot snapshot{.position = position_,
                          .best = best_,
                          .card = card_,
                          .recipe = recipe::to_json(recipe_),
                          .data_digest = training_.digest(),
                          .validation_digest = validation_.digest(),
                          .teacher_digest = teacher_ ? teacher_->digest() : "",
                          .threads = engine::compute_threads(),
                          .ranks = group_.size(),
                          .parent = start_.parent};
  tensors::Dict learner = learner_.save(stepper_.next_lr());
  if (statistics_) learner.push_back({kRankStatistics, {engine::to_plain(*statistics_)}});
  return to_dict(snapshot, std::move(learner));
}

void Loop::save(bool best) {
  gather_statistics();
  on_first_rank(group_, [&] { keeper_.save(checkpoint(), position_, best); });
}

void Loop::end_save() {
  on_first_rank(group_, [&] { keeper_.wait(); });
  if (group_.rank() != 0) keeper_.read_again();
}

void Loop::save_now() {
  save(false);
  end_save();
}

void Loop::finish() {
  if (best_.epoch == 0 && card_.score) best_ = *card_.score;  // a finished run, resumed in a new folder
  end_save();
  if (!of_first_rank(group_.rank() == 0 && keeper_.has_best(), group_)) {
    save(true);
    end_save();
  }
  nlohmann::ordered_json counted = nlohmann::ordered_json::object();
  if (stops_early()) counted["stopped_early_after"] = position_.epoch;
  if (position_.skipped > 0) counted["skipped_steps"] = position_.skipped;
  if (position_.rollbacks > 0) counted["rollbacks"] = position_.rollbacks;
  on_first_rank(group_, [&] {
    if (const auto score = keeper_.release()) recorder_.finish(*score, counted);
  });
  outcome_.weights = keeper_.weights_path();
  recorder_.say("released weights: " + outcome_.weights);
}

/// A function of the checkpoint, so that a resumed run knows it too.
bool Loop::stops_early() {
  const std::int64_t without = best_.epoch == 0 ? 0 : position_.epoch - best_.epoch;
  return recipe_.early_stop > 0 && position_.step_in_epoch == 0 && without >= recipe_.early_stop;
}

bool Loop::goes_on() {
  return position_.epoch < recipe_.epochs && !stops_early() && !stopped();
}

Outcome Loop::run() {
  try {
    return run_to_end();
  } catch (const engine::RankLost& error) {
    throw engine::RankLost(
        format("last step {}: {}; go on from the last checkpoint with --resume auto", position_.step, error.what()),
        error.told_elsewhere);
  }
}

Outcome Loop::run_to_end() {
  begin();
  const double began = now();
  while (goes_on()) {
    if (train_epoch()) evaluate_epoch();
  }
  if (stops_early() && !outcome_.last.empty()) {
    tell("early_stop", format("stopped early after epoch {}: no better {} than that of epoch {} in {} epochs",
                              position_.epoch, goal_.title, best_.epoch, recipe_.early_stop));
  }
  if (position_.epoch == recipe_.epochs || stops_early()) {
    finish();
  } else {
    end_save();
    if (!is_saved()) save_now();
    recorder_.say(format("stopped by {} after step {}; go on with --resume auto", stopped_by_, position_.step));
    outcome_.ending = Ending::stopped;
    outcome_.stopped_by = stopped_by_;
  }
  outcome_.best = best_;
  outcome_.train_seconds = now() - began;
  return outcome_;
}

}  // namespace springbok::train
