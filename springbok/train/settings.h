// What a recipe means for the parts of a training.
#pragma once

#include "springbok/recipe/pace.h"
#include "springbok/recipe/recipe.h"
#include "springbok/train/stepper.h"

namespace springbok::train {

/// The recipe must be resolved.
StepperSettings stepper_settings(const recipe::Recipe& recipe, const recipe::Pace& pace);

}  // namespace springbok::train
