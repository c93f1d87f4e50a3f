// Rows of the option table: how a network starts, what optimisation takes beside the basics, the learning rate's
// curves.
#pragma once

#include "springbok/recipe/recipe.h"

namespace springbok::recipe {

/// New values of the network.
Options init_options(Recipe& recipe);
/// Lookahead, Muon, clipping, sharpness, parameter groups, averages.
Options learn_options(Recipe& recipe);
/// What some schedules take.
Options curve_options(Recipe& recipe);

}  // namespace springbok::recipe
