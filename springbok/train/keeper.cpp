// Keeping what a run makes.
#include "springbok/train/keeper.h"

#include "springbok/base/error.h"
#include "springbok/model/card.h"
#include "springbok/tensors/write.h"
#include "springbok/train/checkpoint.h"

namespace springbok::train {

Keeper::Keeper(Start& start, Recorder& recorder) : start_(start), recorder_(recorder), folder_{start.recipe.out} {
  saver_.lost = [this](const std::string& why) { recorder_.say("warning: " + why); };
}

/// A folder that someone moved is written to where it is now.
void Keeper::follow_folder() {
  const std::filesystem::path now = start_.lock->place();
  if (now == folder_.root) return;
  saver_.wait();
  recorder_.say(format("warning: {} was moved to {}; the run goes on there", folder_.root.string(), now.string()));
  folder_.root = now;
  recorder_.moved(folder_);
  start_.checkpoints.moved(folder_.checkpoints());
}

void Keeper::save(const tensors::Dict& checkpoint, const run::Position& position, bool best) {
  follow_folder();
  const std::int64_t every = start_.recipe.keep_every;
  const bool stays = every > 0 && position.epoch > 0 && position.step_in_epoch == 0 && position.epoch % every == 0;
  const run::Keeping keeping{.best = best, .stays = stays, .last = start_.recipe.keep};
  saver_.save({checkpoint}, [this, epoch = position.epoch, step = position.step, keeping](const tensors::Value& root) {
    const auto write = [&] { start_.checkpoints.save(root, epoch, step, keeping); };
    try {
      write();
    } catch (const Error&) {  // moved meanwhile; the next call above says so
      const std::filesystem::path now = start_.lock->place();
      if (now == folder_.root) throw;
      start_.checkpoints.moved(run::Folder{now}.checkpoints());
      write();
    }
  });
}

bool Keeper::has(std::int64_t step) {
  wait();
  const std::optional<run::Listed> last = start_.checkpoints.last();
  return last && last->step == step;
}

bool Keeper::has_best() {
  wait();
  return start_.checkpoints.best().has_value();
}

Checkpoint Keeper::last() {
  wait();
  const std::optional<run::Listed> last = start_.checkpoints.last();
  check(last.has_value(), "a run that rolls back has saved its start");
  return read_checkpoint(start_.checkpoints.path(*last));
}

void Keeper::forget_last() {
  wait();
  if (const std::optional<run::Listed> last = start_.checkpoints.last()) start_.checkpoints.forget(*last);
}

std::string Keeper::dump(std::int64_t step, tensors::Dict checkpoint, tensors::Dict given,
                         std::vector<StepBatch> batches, const data::Source& source) {
  follow_folder();
  const std::filesystem::path path = folder_.dump(step);
  train::dump(path, std::move(checkpoint), std::move(given), std::move(batches), source);
  return path.string();
}

void Keeper::keep(const std::vector<metrics::Prediction>& predictions) {
  metrics::write_predictions(folder_.predictions(), predictions);
}

void Keeper::keep(const KeptMasks& masks, const std::vector<std::string>& classes) {
  follow_folder();
  keep(masks.write(folder_.masks(), classes));
}

std::optional<metrics::Score> Keeper::release() {
  wait();
  follow_folder();
  const Checkpoint checkpoint = read_checkpoint(start_.checkpoints.path(*start_.checkpoints.best()));
  tensors::write_safetensors(folder_.weights(), best_weights(checkpoint), model::to_metadata(checkpoint.snapshot.card));
  return checkpoint.snapshot.card.score;
}

}  // namespace springbok::train
