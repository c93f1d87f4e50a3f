// Inside the room: what the task of a recipe decides, and which choices it leaves without effect.
#pragma once

#include <span>

#include "springbok/recipe/recipe.h"
#include "springbok/recipe/used_when.h"

namespace springbok::recipe {

/// The rows of the option table that belong to tasks.
Options task_options(Recipe& recipe);

/// Fills what the task decides: the loss of labels, evaluation at native size.
void resolve_task(Recipe& recipe);

/// Keys that have an effect under some tasks alone. As long as a recipe leaves its task open, each has one.
std::span<const UsedWhen> task_rules();

/// Throws UsageError for a network and for values that the task does not have.
void check_task(const Recipe& recipe, const Given& given, Network network);

}  // namespace springbok::recipe
