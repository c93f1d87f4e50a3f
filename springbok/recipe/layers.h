// A recipe as people name it: a file, or a page of the book, and the recipes that it builds on (`base = "..."`).
#pragma once

#include <string>
#include <vector>

#include "springbok/recipe/about.h"
#include "springbok/recipe/recipe.h"

namespace springbok::recipe {

/// What was read, beside the values.
struct Layers {
  About about;
  std::vector<std::string> names;  ///< the recipe, its base, that one's base, ...
  Given inherited;                 ///< keys that a base or a page of the book sets, and nothing above it
};

/// Reads `word`: the path of a TOML file, or a page's name. A base is read first, and what stands above it wins. In
/// a file `base` is a page's name, or the path of a file, from the folder of the file that names it.
///
/// Keys of the user's own file go to `given`, those of bases and pages to `inherited`. Throws UsageError with file,
/// line and key as `read_recipe_file` does, and for a base that is not there (with the nearest page) or that leads back
/// to itself.
Layers read_recipe(const std::string& word, const Options& options, Given& given);

/// A key that another choice left without effect.
struct Dropped {
  std::string key;
  std::string where;
};

/// Once all is set: puts inherited keys that a later choice leaves without effect back to their defaults, and the
/// others into `given`. So a flag can change the schedule of a recipe that its user cannot edit. Returns what was put
/// back.
std::vector<Dropped> settle(Recipe& recipe, const Layers& layers, Given& given);

/// What `settle` put back, in one line for people: `the 'step_epochs' and 'gamma' of elastic/imagenet have no effect
/// under these flags`; "" when it was nothing.
std::string dropped_note(const std::vector<Dropped>& dropped, const Layers& layers);

}  // namespace springbok::recipe
