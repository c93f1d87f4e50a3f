// Reading a recipe from a command line.
#include "springbok/cli/recipe_flags.h"

#include <cstdio>
#include <utility>

#include "springbok/base/error.h"

namespace springbok::cli {

ReadRecipe read_recipe_flags(const Flags& flags, const Options& own, const std::string& word, recipe::Recipe& recipe) {
  const Options options = recipe::option_table(recipe);
  Flags own_flags, recipe_flags;
  for (const auto& flag : flags) (find_option(own, flag.first) ? own_flags : recipe_flags).push_back(flag);
  apply_flags(own_flags, own);
  ReadRecipe read;
  if (!word.empty()) read.layers = recipe::read_recipe(word, options, read.given);
  recipe::read_flags(recipe_flags, options, read.given);
  const std::string note = recipe::dropped_note(recipe::settle(recipe, read.layers, read.given), read.layers);
  if (!note.empty()) std::fprintf(stderr, "note: %s\n", note.c_str());
  return read;
}

Command recipe_command(const std::string& name, const std::string& help, Options own, recipe::Recipe& recipe,
                       std::function<int(const Flags&)> run) {
  Command command{.name = name, .help = help, .options = std::move(own)};
  const Options keys = recipe::option_table(recipe);
  command.options.insert(command.options.end(), keys.begin(), keys.end());
  command.run = [name, run = std::move(run)](const Flags& flags, const std::vector<std::string>& words) {
    if (!words.empty()) fail_usage("{}: does not take '{}'", name, words.front());
    return run(flags);
  };
  return command;
}

}  // namespace springbok::cli
