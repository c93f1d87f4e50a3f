// `springbok recipes`: those that the program knows by name, listed and shown.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/json.h"
#include "springbok/cli/command.h"
#include "springbok/recipe/book.h"
#include "springbok/recipe/layers.h"

namespace springbok::cli {
namespace {

/// A recipe by name or file, with its bases.
struct Known {
  recipe::Recipe recipe;
  recipe::Given given;  ///< all keys that it and its bases set, and that have an effect
  recipe::Layers layers;
};

Known read(const std::string& word) {
  Known known;
  known.layers = recipe::read_recipe(word, option_table(known.recipe), known.given);
  settle(known.recipe, known.layers, known.given);
  return known;
}

nlohmann::ordered_json about_json(const Known& known) {
  recipe::About about = known.layers.about;
  nlohmann::ordered_json json{{"name", known.layers.names.front()}};
  json["builds_on"] = std::vector<std::string>(known.layers.names.begin() + 1, known.layers.names.end());
  const nlohmann::ordered_json facts = option_values(about_table(about));  // items() keeps no copy
  for (const auto& [key, value] : facts.items()) json[key] = value;
  return json;
}

nlohmann::ordered_json keys_json(Known& known) {
  auto keys = nlohmann::ordered_json::object();
  for (const Option& option : option_table(known.recipe)) {
    if (known.given.contains(option.key)) keys[option.key] = option_value(option);
  }
  return keys;
}

std::string percent(double value) {
  return value > 0 ? format("{:.2f}", value) : "-";
}

struct ListAsked {
  bool json = false, names = false;
};

int list(const ListAsked& asked) {
  if (asked.names && asked.json) fail_usage("recipes list: --names and --json are two forms of the list; give one");
  if (asked.names) {
    for (const recipe::Page& page : recipe::book()) std::printf("%s\n", page.name.c_str());
    return 0;
  }
  auto rows = nlohmann::ordered_json::array();
  if (!asked.json) {
    std::printf("%-34s %-28s %6s %6s %6s  %-38s %s\n", "recipe", "model", "epochs", "top-1", "top-5", "trick", "from");
  }
  for (const recipe::Page& page : recipe::book()) {
    Known known = read(page.name);
    const recipe::About& about = known.layers.about;
    if (asked.json) {
      nlohmann::ordered_json row = about_json(known);
      row["model"] = known.recipe.model;
      row["epochs"] = known.recipe.epochs;
      rows.push_back(std::move(row));
      continue;
    }
    std::printf("%-34s %-28s %6lld %6s %6s  %-38s %s\n", page.name.c_str(),
                known.recipe.model.empty() ? "-" : known.recipe.model.c_str(),
                static_cast<long long>(known.recipe.epochs), percent(about.top1).c_str(), percent(about.top5).c_str(),
                about.trick.empty() ? "-" : about.trick.c_str(), about.from.c_str());
  }
  if (asked.json) std::printf("%s\n", json_text(rows, 1).c_str());
  return 0;
}

struct ShowAsked {
  bool json = false, all = false;
};

/// The recipe with its bases as one TOML file, which `--recipe` takes.
std::string toml(Known& known, bool all) {
  std::string text = format("# {}\n", join(known.layers.names, ", which builds on "));
  if (all) text += recipe_text(known.recipe);
  const nlohmann::ordered_json keys = keys_json(known);
  for (const auto& [key, value] : keys.items()) {
    if (!all) text += format("{} = {}\n", key, json_text(value));
  }
  text += "\n[about]\n";
  recipe::About about = known.layers.about, none;
  const nlohmann::ordered_json usual = option_values(about_table(none)), facts = option_values(about_table(about));
  for (const auto& [key, value] : facts.items()) {
    if (value != usual[key]) text += format("{} = {}\n", key, json_text(value));
  }
  return text;
}

int show(const ShowAsked& asked, const std::vector<std::string>& words) {
  if (words.empty()) fail_usage("recipes show: give a recipe's name; see 'springbok recipes list'");
  Known known = read(words.front());
  if (asked.json) {
    nlohmann::ordered_json json = about_json(known);
    json["keys"] = asked.all ? to_json(known.recipe) : keys_json(known);
    std::printf("%s\n", json_text(json, 1).c_str());
    return 0;
  }
  std::printf("%s", toml(known, asked.all).c_str());
  return 0;
}

Command list_command() {
  const auto asked = std::make_shared<ListAsked>();
  const Options options{{.key = "json", .help = "print JSON", .field = &asked->json},
                        {.key = "names", .help = "print only the names", .field = &asked->names}};
  return {.name = "list",
          .help = "All recipes with model, epochs, trick, published accuracy, and whose they are",
          .options = options,
          .run = [=](const Flags& flags, const std::vector<std::string>&) {
            apply_flags(flags, options);
            return list(*asked);
          }};
}

Command show_command() {
  const auto asked = std::make_shared<ShowAsked>();
  const Options options{{.key = "json", .help = "print JSON", .field = &asked->json},
                        {.key = "all", .help = "with the keys that are at their defaults", .field = &asked->all}};
  return {.name = "show",
          .help = "One recipe with its bases worked in, as a TOML file to start from",
          .options = options,
          .words = {.name = "NAME", .help = "the recipe, or a file", .choices = {"recipes"}},
          .run = [=](const Flags& flags, const std::vector<std::string>& words) {
            apply_flags(flags, options);
            return show(*asked, words);
          }};
}

}  // namespace

Command recipes_command() {
  Command recipes{.name = "recipes", .help = "List the recipes that 'train --recipe NAME' knows, or show one"};
  recipes.children = {list_command(), show_command()};
  return recipes;
}

}  // namespace springbok::cli
