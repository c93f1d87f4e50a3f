// Reading a recipe from TOML and from flags.
#include "springbok/base/file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "springbok/base/error.h"
#include "springbok/recipe/foreign.h"
#include "springbok/recipe/recipe.h"

namespace springbok::recipe {
namespace {

nlohmann::json plain_value(const toml::node& node, const std::string& where);

nlohmann::json list_value(const toml::array& array, const std::string& where) {
  nlohmann::json list = nlohmann::json::array();
  for (const toml::node& item : array) {
    if (!item.is_string() && !item.is_number()) fail_usage("{}: a list holds numbers or texts", where);
    list.push_back(plain_value(item, where));
  }
  return list;
}

nlohmann::json plain_value(const toml::node& node, const std::string& where) {
  if (const auto* boolean = node.as_boolean()) return boolean->get();
  if (const auto* integer = node.as_integer()) return integer->get();
  if (const auto* real = node.as_floating_point()) return real->get();
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* array = node.as_array()) return list_value(*array, where);
  if (node.is_table()) fail_usage("{}: recipe keys are flat; write its keys without the [table]", where);
  fail_usage("{}: dates and times have no meaning here", where);
}

/// What nests without end would run the parser out of stack. Texts and comments are counted too: no recipe holds so
/// many.
void check_flat(const std::string& text, const std::filesystem::path& path) {
  constexpr std::ptrdiff_t kMostBrackets = 1000, kMostDots = 10'000;
  const auto brackets = std::count_if(text.begin(), text.end(), [](char c) { return c == '[' || c == '{'; });
  const auto dots = std::count(text.begin(), text.end(), '.');
  if (brackets <= kMostBrackets && dots <= kMostDots) return;
  fail_usage("{}: {} brackets and {} dots; a recipe is a flat list of keys, with at most {} and {}", path.string(),
             brackets, dots, kMostBrackets, kMostDots);
}

toml::table parse(const std::filesystem::path& path) {
  const std::string text = read_text(path);
  constexpr std::size_t kMost = 1'000'000;
  if (text.size() > kMost) fail_usage("{}: {} is too much for a recipe", path.string(), human_bytes(text.size()));
  check_flat(text, path);
  try {
    return toml::parse(text, path.string());
  } catch (const toml::parse_error& error) {
    fail_usage("{}:{}: not TOML: {}", path.string(), error.source().begin.line, error.description());
  }
}

}  // namespace

void read_recipe_file(const std::filesystem::path& path, const Options& options, Given& given) {
  const toml::table table = parse(path);
  for (const auto& [name, node] : table) {
    const std::string key(name.str());
    const std::string place = format("{}:{}", path.string(), node.source().begin.line);
    const std::string where = format("{}: {}", place, key);
    const Option* option = find_option(options, key);
    if (option == nullptr && !node.is_table()) {
      if (const std::string hint = foreign_hint(key, options); !hint.empty()) {
        fail_usage("{}: unknown key '{}'{}", place, key, hint);
      }
      fail_unknown_key(options, key, place);
    }
    const nlohmann::json value = plain_value(node, where);
    set_option(*option, value, where);
    given[key] = where;
  }
}

void read_flags(const std::vector<std::pair<std::string, std::string>>& flags, const Options& options, Given& given) {
  for (const auto& [key, text] : flags) {
    const Option* option = find_option(options, key);
    if (option == nullptr) fail_unknown_key(options, key, "command line");
    set_option(*option, text, flag_name(key));
    given[key] = flag_name(key);
  }
}

}  // namespace springbok::recipe
