// The options in words: docs/options.md, and a recipe as TOML.
#include <cmath>
#include <nlohmann/json.hpp>

#include "springbok/base/json.h"
#include "springbok/base/text.h"
#include "springbok/recipe/recipe.h"

namespace springbok::recipe {
namespace {

std::string range(const Option& option) {
  if (!option.choices.empty()) return join(option.choices);
  if (std::holds_alternative<bool*>(option.field)) return "true, false";
  if (std::holds_alternative<std::vector<std::string>*>(option.field)) return "list";
  if (std::holds_alternative<std::vector<double>*>(option.field)) return "list";
  if (std::holds_alternative<std::string*>(option.field)) return "text";
  const bool low = std::isfinite(option.min), high = std::isfinite(option.max);
  if (low && high) return format("{} to {}", option.min, option.max);
  if (low) return format("{} or more", option.min);
  return "number";
}

std::string default_text(const Option& option) {
  const nlohmann::json value = option_value(option);
  if (value.empty() || (value.is_string() && value.get<std::string>().empty())) return "empty";
  return format("`{}`", value.is_string() ? value.get<std::string>() : json_text(value));
}

}  // namespace

std::string recipe_text(const Recipe& recipe) {
  Recipe copy = recipe;
  std::string text, group;
  for (const Option& option : option_table(copy)) {
    if (option.group != group) {
      group = option.group;
      text += format("{}# {}\n", text.empty() ? "" : "\n", group);
    }
    if (!is_useless(recipe, option.key)) text += format("{} = {}\n", option.key, json_text(option_value(option)));
  }
  return text;
}

std::string options_document() {
  Recipe recipe;
  std::string text =
      "# Options of a training run\n\n"
      "Every key can stand in a recipe (`recipes/*.toml`, flat keys) and is a flag of `springbok train` under the same "
      "name\n"
      "(`warmup_epochs` is `--warmup-epochs`; booleans are `--x` and `--no-x`). Flags win over the recipe. Unknown "
      "keys, and\n"
      "keys that another choice leaves without effect, are errors. `base = \"NAME\"` builds on another recipe, and the "
      "table\n"
      "`[about]` says whose it is: [recipe](rooms/recipe.md). This page is made by `build/options_document`.\n";
  std::string group;
  for (const Option& option : option_table(recipe)) {
    if (option.group != group) {
      group = option.group;
      text += format("\n## {}\n\n| key | default | allowed | meaning |\n| --- | --- | --- | --- |\n", group);
    }
    text += format("| `{}` | {} | {} | {} |\n", option.key, default_text(option), range(option), option.help);
  }
  return text;
}

}  // namespace springbok::recipe
