// What a recipe means for the parts of a training.
#pragma once

#include <memory>
#include <optional>

#include "springbok/model/card.h"
#include "springbok/recipe/pace.h"
#include "springbok/recipe/recipe.h"
#include "springbok/train/stepper.h"
#include "springbok/train/task_batch.h"

namespace springbok::train {

/// The recipe must be resolved. The ranks share each step; they outlive what is made of the settings. `class_weights`:
/// see criterion.h.
StepperSettings stepper_settings(const recipe::Recipe& recipe, const recipe::Pace& pace,
                                 const std::vector<double>& class_weights = {}, engine::Group& ranks = engine::alone());
/// None where the loss is not scaled.
std::optional<LossScaler> scaler_for(const recipe::Recipe& recipe);
/// Over the learner's parameters.
std::unique_ptr<Optimizer> optimizer_for(const recipe::Recipe& recipe, Learner& learner);

/// The average that the recipe asks for, of the learner's weights as they are; null for none.
std::unique_ptr<Average> average_for(const recipe::Recipe& recipe, const Learner& learner);

metrics::Task task_of(const recipe::Recipe& recipe);
Objective objective_of(const recipe::Recipe& recipe);

/// What the run's weights will say of themselves, before they are evaluated; `classes` are the data's.
model::Card card_for(const recipe::Recipe& recipe, const std::vector<std::string>& classes);

/// What to try where training does not stay finite.
inline constexpr const char* kCalmer = "try a lower --lr, a longer --warmup-epochs or --clip-norm";

}  // namespace springbok::train
