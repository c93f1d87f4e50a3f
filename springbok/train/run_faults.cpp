// What a run saves when something goes wrong: the steps before an error, the step that broke.
#include "springbok/train/criterion.h"
#include "springbok/train/run_loop.h"
#include "springbok/train/settings.h"
#include "springbok/train/together.h"

namespace springbok::train {

bool Loop::is_saved() {
  return of_first_rank(group_.rank() == 0 && keeper_.has(position_.step), group_);
}

/// Of several ranks, all come here: those that fail, and those that hear of it.
void Loop::save_and_fail(const Error& error) {
  if (position_.step == 0) throw;
  if (!is_saved()) save_now();
  const std::string what =
      format("{}; step {} is saved: put that right and go on with --resume auto", error.what(), position_.step);
  if (const auto* elsewhere = dynamic_cast<const EndedElsewhere*>(&error)) {
    throw EndedElsewhere(what, elsewhere->usage);
  }
  fail("{}", what);
}

/// The present step's first batches, as they were: loading and mixing are functions of their place in the run.
std::vector<StepBatch> Loop::load_again(std::int64_t batches) const {
  data::Loader loader(training_, recipe::training_samples(recipe_, position_.epoch), loader_settings());
  std::vector<StepBatch> loaded;
  while (std::ssize(loaded) < batches) {
    StepBatch step{.batch = *loader.next(), .mixed = {}};
    step.mixed = recipe::mix_batch(step.batch, fed_, position_.epoch, position_.step_in_epoch);
    loaded.push_back(std::move(step));
  }
  return loaded;
}

/// The step was abandoned, so that a checkpoint says what it began with. Returns where all is, and of what images.
std::string Loop::dump(const NotFinite& error, std::int64_t batches) {
  std::string images, saved;
  try {
    std::vector<StepBatch> loaded = load_again(batches);
    images = sample_names(loaded.back().batch, training_);
    tensors::Dict given = stepper_.given(pace_.images_in_mean(position_.step_in_epoch));
    given.push_back({"images", {training_.size()}});
    tensors::List weights;
    for (const double weight : class_weights_of(recipe_, training_)) weights.push_back({weight});
    given.push_back({"class_weights", {std::move(weights)}});
    if (teacher_) teacher_->describe(given);
    given.push_back({"own", {settings_.own.graph != nullptr || settings_.own.loss || settings_.own.rate}});
    add_outcome(given, error);
    saved = "batch and network saved in " +
            keeper_.dump(stepper_.step() + 1, checkpoint(), std::move(given), std::move(loaded), training_);
    dumped_ = true;
  } catch (const Error& unsaved) {
    saved = format("the step could not be saved: {}", unsaved.what());
  }
  return format("images: {}; {}", images, saved);
}

void Loop::tell(const std::string& event, const std::string& text) {
  recorder_.event({.step = position_.step, .epoch = position_.epoch, .what = event, .text = text});
  recorder_.say(event == "early_stop" ? text : "warning: " + text);
}

/// Whether the recipe bears one more step that is not finite.
bool Loop::may_go_on() const {
  return position_.skipped + position_.rollbacks < recipe_.on_nan.limit;
}

bool Loop::meet_not_finite(const NotFinite& error, std::int64_t batches, data::Loader& loader) {
  using recipe::NanPolicy;
  const NanPolicy policy = recipe_.on_nan.policy;
  const bool stops = policy == NanPolicy::stop || !may_go_on();
  std::string what = error.what();
  if (alone() && (stops || !dumped_)) what += "; " + dump(error, batches);
  if (stops && policy != NanPolicy::stop) {
    what += format("; {} such steps before reached --nan-limit", position_.skipped + position_.rollbacks);
  }
  if (stops && group_.rank() > 0) throw EndedElsewhere(what, false);
  if (stops) fail("{}; {}", what, kCalmer);
  if (policy == NanPolicy::rollback) {
    roll_back(what);
    return false;
  }
  skip_step(what, batches, loader);
  return true;
}

/// The rest of the step's batches are passed over; the next step has its own place, rate and random streams.
void Loop::skip_step(const std::string& what, std::int64_t batches, data::Loader& loader) {
  for (; batches < pace_.batches_in_step(position_.step_in_epoch); ++batches) next_batch(loader);
  stepper_.skip();
  ++position_.step;
  ++position_.step_in_epoch;
  ++position_.skipped;
  tell("skipped", format("{}; its update is left out ({} of at most {})", what, position_.skipped + position_.rollbacks,
                         recipe_.on_nan.limit));
}

/// To the last checkpoint, with a lower rate or another seed. Where it led here again before another was saved, it is
/// forgotten, and the one before it is the last.
void Loop::roll_back(const std::string& what) {
  end_save();
  const bool again = keeper_.has(rolled_to_);
  if (again) on_first_rank(group_, [&] { keeper_.forget_last(); });
  if (again && group_.rank() != 0) keeper_.read_again();
  std::optional<Checkpoint> last;
  all_or_none(group_, [&] {
    last = keeper_.last();
    restore(*last, learner_);
    restore_statistics(*last);
  });
  const Checkpoint& checkpoint = *last;
  const bool further = again && checkpoint.snapshot.position.step != rolled_to_;
  const std::string past = further ? format(", as that of step {} led here again", rolled_to_) : "";
  rolled_to_ = checkpoint.snapshot.position.step;
  const std::int64_t skipped = position_.skipped, rollbacks = position_.rollbacks + 1;
  position_ = checkpoint.snapshot.position;
  position_.skipped = skipped;
  position_.rollbacks = rollbacks;
  card_.score = checkpoint.snapshot.card.score;
  skipped_ = 0;
  fed_ = fed_with(recipe_, rollbacks);
  stepper_.restart(stepper_with(recipe_, pace_, training_, teacher_.get(), settings_, rollbacks), position_.step);
  recorder_.go_on(position_.step, position_.epoch);
  tell("rollback", format("{}; gone back to step {}{}, with a learning rate of {:.4g}{} ({} of at most {})", what,
                          position_.step, past, stepper_.next_lr(), recipe_.on_nan.seed ? " and another seed" : "",
                          skipped + rollbacks, recipe_.on_nan.limit));
}

/// What to lower, and how to go on: a smaller batch is another recipe.
void Loop::fail_of_memory(const std::string& what) {
  stepper_.abandon();
  const std::int64_t side = recipe::training_size(recipe_, position_.epoch);
  std::string remedy = format("out of memory in step {}: {}; lower --batch-size ({} images of {} x {})",
                              stepper_.step() + 1, what, recipe_.batch_size, side, side);
  if (recipe_.batch_size % 2 == 0) {
    remedy +=
        format("; the same steps make --batch-size {} --accumulate {}", recipe_.batch_size / 2, recipe_.accumulate * 2);
  }
  if (!recipe_.recompute) remedy += "; --recompute takes less memory";
  remedy += format("; or lower --{} or --workers", recipe_.train_size > 0 ? "train-size" : "size");
  if (position_.step == 0 || !alone()) fail("{}", remedy);  // the other ranks are elsewhere
  if (!keeper_.has(position_.step)) save_now();
  fail("{}; step {} is saved: go on with --resume {} --out ANOTHER", remedy, position_.step, recipe_.out);
}

}  // namespace springbok::train
