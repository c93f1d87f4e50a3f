// What a run keeps: checkpoints, the step that broke, the released weights.
#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/engine/threads.h"
#include "springbok/model/card.h"
#include "springbok/tensors/write.h"
#include "springbok/train/loop_run.h"

namespace springbok::train {

tensors::Dict Loop::checkpoint() {
  const Snapshot snapshot{.position = position_,
                          .best = best_,
                          .card = card_,
                          .recipe = to_json(recipe_),
                          .data_digest = training_.digest(),
                          .validation_digest = validation_.digest(),
                          .threads = engine::compute_threads()};
  return to_dict(snapshot, engine::state_dict(graph_, state_), stepper_.sgd().state_dict(stepper_.next_lr()));
}

/// A folder that someone moved is written to where it is now.
void Loop::follow_folder() {
  const std::filesystem::path now = plan_.lock->place();
  if (now == folder_.root) return;
  say(format("warning: {} was moved to {}; the run goes on there", folder_.root.string(), now.string()));
  folder_.root = now;
  checkpoints_.moved(folder_.checkpoints());
}

void Loop::save(bool best) {
  follow_folder();
  checkpoints_.save({checkpoint()}, position_.epoch, position_.step, best, recipe_.keep);
}

void Loop::save_and_fail(const Error& error) {
  if (position_.step == 0) throw;
  const std::optional<run::Listed> last = checkpoints_.last();
  if (!last || last->step != position_.step) save(false);
  fail("{}; step {} is saved: put that right and go on with --resume auto", error.what(), position_.step);
}

/// The present step's first batches, as they were: loading and mixing are functions of their place in the run.
std::vector<StepBatch> Loop::load_again(std::int64_t batches) const {
  data::Loader loader(training_, train_transform_, loader_settings());
  std::vector<StepBatch> loaded;
  while (std::ssize(loaded) < batches) {
    StepBatch step{.batch = *loader.next(), .mixed = {}};
    step.mixed = mix_batch(step.batch, recipe_, position_.epoch, position_.step_in_epoch);
    loaded.push_back(std::move(step));
  }
  return loaded;
}

/// The step was abandoned, so that a checkpoint says what it began with.
void Loop::dump_and_fail(const NotFinite& error, std::int64_t batches) {
  std::string images, saved;
  try {
    follow_folder();
    std::vector<StepBatch> loaded = load_again(batches);
    images = sample_names(loaded.back().batch, training_);
    const std::filesystem::path path = folder_.dump(stepper_.step() + 1);
    dump(path, checkpoint(), stepper_.given(pace_.images_in_step(position_.step_in_epoch)), std::move(loaded),
         training_);
    saved = "batch and network saved in " + path.string();
  } catch (const Error& unsaved) {
    saved = format("the step could not be saved: {}", unsaved.what());
  }
  fail("{}; images: {}; {}; {}", error.what(), images, saved, kCalmer);
}

void Loop::release_best() {
  follow_folder();
  if (!checkpoints_.best()) save(true);  // a finished run, resumed in a new folder
  const Checkpoint checkpoint = read_checkpoint(checkpoints_.path(*checkpoints_.best()));
  tensors::write_safetensors(folder_.weights(), checkpoint.state, model::to_metadata(checkpoint.snapshot.card));
  record_["finished"] = true;
  record_["best"] = to_json(checkpoint.snapshot.card.metrics);
  write_file(folder_.run_json(), json_text(record_, 1) + "\n");
}

}  // namespace springbok::train
