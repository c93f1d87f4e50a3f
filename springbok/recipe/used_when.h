// Which keys another choice leaves without effect, by area.
#pragma once

#include <span>

#include "springbok/recipe/recipe.h"

namespace springbok::recipe {

/// A key that has an effect only under another choice.
struct UsedWhen {
  const char* key;
  bool (*used)(const Recipe&);
  const char* needs;
};

/// Those of optimisation's finer choices (learn_options.h).
std::span<const UsedWhen> learning_rules();

/// Throws UsageError for such choices that contradict each other.
void check_learning(const Recipe& recipe);

}  // namespace springbok::recipe
