// What a run saves when something goes wrong: the steps before an error, the step that broke.
#include "springbok/train/run_loop.h"
#include "springbok/train/settings.h"

namespace springbok::train {

void Loop::save_and_fail(const Error& error) {
  if (position_.step == 0) throw;
  if (!keeper_.has(position_.step)) save(false);
  fail("{}; step {} is saved: put that right and go on with --resume auto", error.what(), position_.step);
}

/// The present step's first batches, as they were: loading and mixing are functions of their place in the run.
std::vector<StepBatch> Loop::load_again(std::int64_t batches) const {
  data::Loader loader(training_, recipe::training_transform(recipe_, position_.epoch), loader_settings());
  std::vector<StepBatch> loaded;
  while (std::ssize(loaded) < batches) {
    StepBatch step{.batch = *loader.next(), .mixed = {}};
    step.mixed = recipe::mix_batch(step.batch, recipe_, position_.epoch, position_.step_in_epoch);
    loaded.push_back(std::move(step));
  }
  return loaded;
}

/// The step was abandoned, so that a checkpoint says what it began with.
void Loop::dump_and_fail(const NotFinite& error, std::int64_t batches) {
  std::string images, saved;
  try {
    std::vector<StepBatch> loaded = load_again(batches);
    images = sample_names(loaded.back().batch, training_);
    const std::int64_t in_step = pace_.images_in_step(position_.step_in_epoch);
    saved = "batch and network saved in " +
            keeper_.dump(stepper_.step() + 1, checkpoint(), stepper_.given(in_step), std::move(loaded), training_);
  } catch (const Error& unsaved) {
    saved = format("the step could not be saved: {}", unsaved.what());
  }
  fail("{}; images: {}; {}; {}", error.what(), images, saved, kCalmer);
}

}  // namespace springbok::train
