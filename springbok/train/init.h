// Starting a run from weights instead of new values.
#pragma once

#include <string>

#include "springbok/engine/state.h"
#include "springbok/recipe/recipe.h"

namespace springbok::train {

/// Copies the weights of the recipe's `init` into the state; what `allow` lets be missing keeps its new values, such
/// as the head when the file has other classes. Returns the line that says what was loaded, "" without `init`. Throws
/// Error for a file that cannot be read or falls short by more than is allowed.
std::string start_from(const recipe::Recipe& recipe, engine::State& state);

}  // namespace springbok::train
