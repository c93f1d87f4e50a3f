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

model::Card card_for(const recipe::Recipe& recipe, const std::vector<std::string>& classes) {
  return {.model = recipe.model,
          .options = recipe.options,
          .classes = output_names(recipe, classes),
          .preprocess = recipe.preprocess,
          .preprocess_from = {},
          .score = {},
          .task = metrics::Classify{},
          .recipe_digest = digest(recipe),
          .val_share = recipe.val_share};
}

}  // namespace springbok::train
