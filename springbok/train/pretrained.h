// Fine-tuning in one choice: published weights by their name, or a file.
#pragma once

#include "springbok/recipe/recipe.h"

namespace springbok::train {

/// Fills what `pretrained` means and nobody set: the file to start from, its network, and that network's options. Where
/// the classes differ the head is new. How images were prepared is taken over where it is known. A name that is no file
/// is one of the published weights, downloaded where the cache does not have them. Nothing without `pretrained`. Throws
/// Error for weights that cannot be had or opened.
void start_pretrained(recipe::Recipe& recipe, const recipe::Given& given);

}  // namespace springbok::train
