// The steps of an epoch.
#include <algorithm>
#include <new>
#include <nlohmann/json.hpp>
#include <utility>

#include "springbok/base/progress.h"
#include "springbok/engine/memory.h"
#include "springbok/model/input.h"
#include "springbok/train/own_share.h"
#include "springbok/train/run_loop.h"
#include "springbok/train/together.h"

namespace springbok::train {

/// A bad image costs no step: what was trained before is saved first. Of several ranks, one that cannot load goes on
/// with batches of no images, to the step's end, where all leave.
std::optional<data::Batch> Loop::next_batch(data::Loader& loader) {
  try {
    if (!stepper_.gave_up()) return loader.next();
  } catch (const Error& error) {
    if (alone()) {
      stepper_.abandon();
      save_and_fail(error);
    }
    stepper_.give_up(named(error.what()));
  }
  data::Batch none;
  none.first = position_.step_in_epoch * pace_.images_per_step;
  none.height = none.width = static_cast<int>(recipe::training_size(recipe_, position_.epoch));
  none.channels = recipe_.preprocess.channels;
  return none;
}

void Loop::add_batch(data::Batch& batch, metrics::Tally& sums) {
  recipe::Mixed mixed = recipe::mix_batch(batch, fed_, position_.epoch, position_.step_in_epoch);
  if (loads_whole_batches()) keep_share(batch, mixed, group_.rank(), group_.size());
  const InStep place{.samples = pace_.images_in_mean(position_.step_in_epoch),
                     .first = recipe::first_in_step(batch, pace_, position_.step_in_epoch)};
  sums += train::add_batch(stepper_, objective_, model::input_tensor(batch), batch, mixed, place);
}

void Loop::add_batches(data::Loader& loader, std::int64_t& batches, metrics::Tally& sums) {
  expect_saved();
  const std::int64_t all = pace_.batches_in_step(position_.step_in_epoch);
  while (batches < all) {
    std::optional<data::Batch> batch = next_batch(loader);
    check(batch.has_value(), "the loader ends when the epoch does");
    if (++batches == all) stepper_.expect_last();
    add_batch(*batch, sums);
    loader.recycle(std::move(*batch));
  }
}

/// A checkpoint that could not be written is told at the next step.
void Loop::expect_saved() {
  try {
    keeper_.expect_saved();
  } catch (const Error& error) {
    if (alone()) throw;
    stepper_.give_up(named(error.what()));
  }
}

bool Loop::one_step(data::Loader& loader) {
  const double began = now(), waited = loader.waited(), waited_for_ranks = group_.waited();
  metrics::Tally sums = metrics::empty_tally(card_.task);
  Stepper::Update update;
  std::int64_t batches = 0;
  bool gave_up = false;  // and all ranks hear of it in `update`
  try {
    add_batches(loader, batches, sums);
    gave_up = stepper_.gave_up();
    keeper_.wait_copied();  // forward and backward pass change nothing that is saved
    update = stepper_.update();
    if (const std::string note = stepper_.take_note(); !note.empty()) recorder_.say("graphs of the device: " + note);
  } catch (const NotFinite& error) {
    return meet_not_finite(error, batches, loader);
  } catch (const engine::RankLost&) {
    throw;
  } catch (const EndedElsewhere& error) {
    save_and_fail(error);
  } catch (const engine::OutOfMemory& error) {
    fail_of_memory(error.what());
  } catch (const std::bad_alloc&) {
    fail_of_memory("not enough memory");
  } catch (const Error& error) {
    if (!gave_up) throw;
    save_and_fail(error);
  }
  StepTimes times;
  times.images = metrics::samples_of(sums);
  times.data = loader.waited() - waited;
  times.compute = now() - began - times.data;
  times.wait = group_.waited() - waited_for_ranks;
  own_times_ += times;
  own_times_.wait += times.wait;
  agree(sums, times);
  count_step(sums, update, times);
  return true;
}

void Loop::count_step(const metrics::Tally& sums, const Stepper::Update& update, const StepTimes& times) {
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
  if (!alone()) line.wait_seconds = times.wait;
  const std::string why = recorder_.step(line);
  stopped_by_ = settings_.on_step ? first_said(why) : "";
  if (stopped_by_.empty()) stopped_by_ = stop_asked_;
}

/// With `drop_last_step`: what makes no step still moves the running statistics.
void Loop::pass_left_over(data::Loader& loader) {
  std::int64_t first = 0;
  for (std::int64_t left = pace_.left_over; left > 0; --left) {
    std::optional<data::Batch> batch = next_batch(loader);
    check(batch.has_value(), "the loader ends when the epoch does");
    recipe::Mixed none;
    if (loads_whole_batches()) keep_share(*batch, none, group_.rank(), group_.size());
    if (!alone()) first = batch->first - pace_.images_per_epoch;
    const std::int64_t images = std::max<std::int64_t>(batch->size, 1);  // a rank's share may have none
    train::add_batch(stepper_, objective_, model::input_tensor(*batch), *batch, none,
                     {.samples = images, .first = first});
    first += batch->size;
    loader.recycle(std::move(*batch));
  }
  if (pace_.left_over == 0) return;
  try {
    stepper_.discard();
  } catch (const engine::RankLost&) {
    throw;
  } catch (const Error& error) {
    save_and_fail(error);
  }
}

data::LoaderSettings Loop::loader_settings() const {
  data::LoaderSettings made = recipe::loader_settings(fed_, pace_, position_.epoch, position_.step_in_epoch);
  if (loads_whole_batches()) return made;
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
  own_times_ = {};
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
  tell_skipped(of_all_ranks(loader.skipped()));
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
  if (asked) end_save();
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
