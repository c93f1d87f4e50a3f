// From a recipe to the settings of a training's parts.
#include "springbok/train/settings.h"

namespace springbok::train {

StepperSettings stepper_settings(const recipe::Recipe& recipe, const recipe::Pace& pace) {
  return {.sgd = recipe.sgd,
          .schedule = schedule_of(recipe, pace.steps_per_epoch),
          .label_smoothing = recipe.label_smoothing,
          .clip_norm = recipe.clip_norm,
          .seed = static_cast<std::uint64_t>(recipe.seed)};
}

}  // namespace springbok::train
