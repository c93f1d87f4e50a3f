// The steps of an epoch.
#include <algorithm>
#include <new>
#include <nlohmann/json.hpp>
#include <utility>

#include "springbok/base/progress.h"
#include "springbok/engine/memory.h"
#include "springbok/model/input.h"
#include "springbok/train/run_loop.h"
#include "springbok/train/together.h"

namespace springbok::train {

/// A bad image costs no step: what was trained before is saved first.
std::optional<data::Batch> Loop::next_batch(data::Loader& loader) {
  try {
    return loader.next();
  } catch (const Error& error) {
    if (!alone()) throw;  // the others hear of it in one_step
    stepper_.abandon();
    save_and_fail(error);
  }
}

void Loop::add_batch(data::Batch& batch, metrics::Tally& sums) {
  const recipe::Mixed mixed = recipe::mix_batch(batch, fed_, position_.epoch, position_.step_in_epoch);
  const InStep place{.samples = pace_.images_in_mean(position_.step_in_epoch),
                     .first = recipe::first_in_step(batch, pace_, position_.step_in_epoch)};
  sums += train::add_batch(stepper_, objective_, model::input_tensor(batch), batch, mixed, place);
}

/// Of several ranks, one that fails goes with the others to the step's end, where all leave.
void Loop::add_batches(data::Loader& loader, std::int64_t& batches, metrics::Tally& sums) {
  try {
    while (batches < pace_.batches_in_step(position_.step_in_epoch)) {
      std::optional<data::Batch> batch = next_batch(loader);
      check(batch.has_value(), "the loader ends when the epoch does");
      ++batches;
      add_batch(*batch, sums);
      loader.recycle(std::move(*batch));
    }
  } catch (const engine::RankLost&) {
    throw;
  } catch (const Error& error) {
    if (alone()) throw;
    stepper_.give_up(error.what());
  }
}

/// What the ranks did in the step becomes what all did. Times are the slowest rank's.
void Loop::agree(metrics::Tally& sums, run::Times& times) {
  if (alone()) return;
  const nlohmann::ordered_json mine{{"stop", settings_.stop ? settings_.stop() : ""},
                                    {"save", settings_.save && settings_.save()},
                                    {"data", times.data},
                                    {"compute", times.compute}};
  save_asked_ = false;
  for (const std::string& text : gather(mine.dump(), group_)) {
    const auto one = nlohmann::ordered_json::parse(text);
    if (stopped_asked_.empty()) stopped_asked_ = one["stop"].get<std::string>();
    save_asked_ = save_asked_ || one["save"].get<bool>();
    times.data = std::max(times.data, one["data"].get<double>());
    times.compute = std::max(times.compute, one["compute"].get<double>());
  }
  sums = tally_of_all(sums, card_.task, group_);
  times.images = metrics::samples_of(sums);
}

bool Loop::one_step(data::Loader& loader) {
  const double began = now(), waited = loader.waited();
  metrics::Tally sums = metrics::empty_tally(card_.task);
  Stepper::Update update;
  std::int64_t batches = 0;
  try {
    add_batches(loader, batches, sums);
    update = stepper_.update();
  } catch (const NotFinite& error) {
    return meet_not_finite(error, batches, loader);
  } catch (const engine::RankLost& error) {
    fail("step {}: {}; go on from the last checkpoint with --resume auto", position_.step + 1, error.what());
  } catch (const engine::OutOfMemory& error) {
    fail_of_memory(error.what());
  } catch (const std::bad_alloc&) {
    fail_of_memory("not enough memory");
  }
  run::Times times{.data = loader.waited() - waited, .images = metrics::samples_of(sums)};
  times.compute = now() - began - times.data;
  agree(sums, times);
  count_step(sums, update, times);
  return true;
}

void Loop::count_step(const metrics::Tally& sums, const Stepper::Update& update, const run::Times& times) {
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
                     .gradient_norm = update.gradient_norm,
                     .overflow = !update.made};
  if (learner_.scaler) line.loss_scale = learner_.scaler->scale();
  stopped_by_ = recorder_.step(line);
  if (!alone()) stopped_by_ = stopped_asked_;
}

/// With `drop_last_step`: what makes no step still moves the running statistics.
void Loop::pass_left_over(data::Loader& loader) {
  std::int64_t first = 0;
  for (std::int64_t left = pace_.left_over; left > 0; --left) {
    std::optional<data::Batch> batch = next_batch(loader);
    check(batch.has_value(), "the loader ends when the epoch does");
    train::add_batch(stepper_, objective_, model::input_tensor(*batch), *batch, {},
                     {.samples = batch->size, .first = first});
    first += batch->size;
    loader.recycle(std::move(*batch));
  }
  if (pace_.left_over > 0) stepper_.discard();
}

data::LoaderSettings Loop::loader_settings() const {
  data::LoaderSettings made = recipe::loader_settings(fed_, pace_, position_.epoch, position_.step_in_epoch);
  made.rank = group_.rank();
  made.ranks = group_.size();
  return made;
}

void Loop::tell_size() {
  if (recipe_.progressive.size == 0) return;
  const std::int64_t size = recipe::training_size(recipe_, position_.epoch);
  if (size != told_size_) recorder_.say(format("{}: training images of {} x {}", epoch_title(), size, size));
  told_size_ = size;
}

bool Loop::train_epoch() {
  epoch_times_ = {};
  const std::int64_t overflows = learner_.scaler ? learner_.scaler->skipped() : 0;
  tell_size();
  data::Loader loader(training_, recipe::training_samples(recipe_, position_.epoch), loader_settings());
  Progress progress({.title = epoch_title(),
                     .total = pace_.images_per_epoch,
                     .plain_seconds = recipe_.log_seconds,
                     .quiet = settings_.quiet || group_.rank() > 0,
                     .first = metrics::samples_of(position_.sums)});
  while (position_.step_in_epoch < pace_.steps_per_epoch) {
    if (!one_step(loader)) return false;
    progress.update(metrics::samples_of(position_.sums),
                    format("{} lr {:.4g} data {:.0f}%", metrics::brief(metrics::metrics_of(position_.sums), goal_),
                           stepper_.next_lr(), epoch_times_.data_percent()));
    if (stopped()) break;
    save_where_asked();
  }
  if (stopped_by_.empty()) pass_left_over(loader);
  tell_skipped(loader.skipped());
  tell_overflows(overflows);
  return stopped_by_.empty();
}

/// `before`: steps left out before these.
void Loop::tell_overflows(std::int64_t before) {
  const std::int64_t count = learner_.scaler ? learner_.scaler->skipped() - before : 0;
  if (count == 0) return;
  recorder_.say(format("{}: {} step{} left out, as gradients overflowed; the loss scale is {:.6g} now", epoch_title(),
                       with_commas(count), count == 1 ? "" : "s", learner_.scaler->scale()));
}

/// By the recipe, or by the caller, whom it is told.
void Loop::save_where_asked() {
  const bool due = recipe_.checkpoint_steps > 0 && position_.step % recipe_.checkpoint_steps == 0;
  const bool asked = alone() ? settings_.save && settings_.save() : save_asked_;
  if ((due && position_.step_in_epoch < pace_.steps_per_epoch) || asked) save(false);
  if (asked) recorder_.say(format("{}: saved after step {}, as asked", epoch_title(), position_.step));
}

void Loop::tell_skipped(const std::vector<std::string>& skipped) {
  constexpr std::size_t kShown = 3;
  skipped_ += static_cast<std::int64_t>(skipped.size());
  if (skipped.empty()) return;
  recorder_.say(format("warning: {}: {} bad image{} left out: {}; see 'springbok data verify'", epoch_title(),
                       with_commas(static_cast<std::int64_t>(skipped.size())), skipped.size() == 1 ? "" : "s",
                       join_first(skipped, kShown)));
}

}  // namespace springbok::train
