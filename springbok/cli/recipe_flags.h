// What the verbs of a recipe share: flags of their own, and a flag for every recipe key.
#pragma once

#include <functional>
#include <string>

#include "springbok/cli/command.h"
#include "springbok/recipe/layers.h"
#include "springbok/recipe/recipe.h"

namespace springbok::cli {

/// How the command line set a recipe.
struct ReadRecipe {
  recipe::Given given;
  recipe::Layers layers;
};

/// Sets the verb's own options, then `recipe`: by what `--recipe` named (`word`, one of the own; "" for none), then by
/// the flags, which win. Says on stderr which keys of the recipe lost their effect. Throws as `read_recipe` and
/// `read_flags` do.
ReadRecipe read_recipe_flags(const Flags& flags, const Options& own, const std::string& word, recipe::Recipe& recipe);

/// A verb with its own options and the recipe's, which takes no words. The recipe must live as long as `run`.
Command recipe_command(const std::string& name, const std::string& help, Options own, recipe::Recipe& recipe,
                       std::function<int(const Flags&)> run);

}  // namespace springbok::cli
