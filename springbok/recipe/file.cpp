// Reading a recipe from TOML, with the recipes that it builds on, and from flags.
#include "springbok/base/file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"
#include "springbok/data/augment/timm_text.h"
#include "springbok/recipe/book.h"
#include "springbok/recipe/foreign.h"
#include "springbok/recipe/layers.h"
#include "springbok/recipe/recipe.h"

namespace springbok::recipe {
namespace {

constexpr const char* kPolicy = "auto_augment";  ///< the key whose text may be one of timm's, which sets others too

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
void check_flat(const std::string& text, const std::string& shown) {
  constexpr std::ptrdiff_t kMostBrackets = 1000, kMostDots = 10'000;
  const auto brackets = std::count_if(text.begin(), text.end(), [](char c) { return c == '[' || c == '{'; });
  const auto dots = std::count(text.begin(), text.end(), '.');
  if (brackets <= kMostBrackets && dots <= kMostDots) return;
  fail_usage("{}: {} brackets and {} dots; a recipe is a flat list of keys, with at most {} and {}", shown, brackets,
             dots, kMostBrackets, kMostDots);
}

/// Where a recipe's text comes from.
struct Source {
  std::string shown;           ///< in messages: the file, or a page as a file
  std::string text;            ///< TOML
  std::filesystem::path file;  ///< "" for a page
  std::string page;            ///< "" for a file
  bool operator==(const Source& other) const { return page == other.page && file == other.file; }
};

Source of_page(const Page& page) {
  return {.shown = page.name + ".toml", .text = page.text, .file = {}, .page = page.name};
}

Source of_file(const std::filesystem::path& path) {
  return {.shown = path.string(), .text = read_text(path), .file = std::filesystem::weakly_canonical(path), .page = {}};
}

bool is_file(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

bool is_path(const std::string& word) {
  return word.ends_with(".toml");
}

/// What the user names: a path that ends in .toml, a page, any other file. What is there and no file says so itself.
Source find_source(const std::string& word) {
  if (is_path(word)) return of_file(word);
  if (const Page* page = find_page(word)) return of_page(*page);
  std::error_code ignored;
  if (std::filesystem::exists(word, ignored)) return of_file(word);
  fail_usage("--recipe: there is no recipe '{}'{}, and no such file; see 'springbok recipes list'", shortened(word),
             near_page(word));
}

/// What a recipe names as its base, at `where`.
Source find_base(const std::string& word, const Source& from, const std::string& where) {
  const std::filesystem::path path = std::filesystem::path(from.shown).parent_path() / word;
  const bool may_be_file = !from.file.empty();
  if (may_be_file && is_path(word)) {
    if (!is_file(path)) fail_usage("{}: there is no file {}", where, path.lexically_normal().string());
    return of_file(path);
  }
  if (const Page* page = find_page(word)) return of_page(*page);
  if (may_be_file && is_file(path)) return of_file(path);
  fail_usage("{}: there is no recipe '{}'{}; give one that 'springbok recipes list' names, or a file", where,
             shortened(word), near_page(word));
}

toml::table parse(const Source& source) {
  constexpr std::size_t kMost = 1'000'000;
  if (source.text.size() > kMost) {
    fail_usage("{}: {} is too much for a recipe", source.shown, human_bytes(source.text.size()));
  }
  check_flat(source.text, source.shown);
  try {
    return toml::parse(source.text, source.shown);
  } catch (const toml::parse_error& error) {
    fail_usage("{}:{}: not TOML: {}", source.shown, error.source().begin.line, error.description());
  }
}

std::string place_of(const Source& source, const toml::node& node) {
  return format("{}:{}", source.shown, node.source().begin.line);
}

About read_about(const toml::node& said, const Source& source) {
  if (!said.is_table()) fail_usage("{}: about: is a table; write [about] and its keys below", place_of(source, said));
  About about;
  const Options options = about_table(about);
  for (const auto& [name, node] : *said.as_table()) {
    const std::string key(name.str()), place = place_of(source, node);
    const Option* option = find_option(options, key);
    if (option == nullptr) fail_unknown_key(options, key, place + ": about");
    const std::string where = format("{}: about.{}", place, key);
    set_option(*option, plain_value(node, where), where);
  }
  return about;
}

/// Reads a recipe, lowest base first.
class LayerReader {
 public:
  LayerReader(const Options& options, Given& given) : options_(options), given_(given) {}

  /// `own`: whether the user can edit it.
  About read(const Source& source, bool own) {
    layers_.names.push_back(source.page.empty() ? source.shown : source.page);
    under_way_.push_back(source);
    const toml::table table = parse(source);
    About about;
    if (const toml::node* node = table.get("about")) about = read_about(*node, source);
    if (const toml::node* base = table.get("base")) inherit(about, read_base(*base, source));
    if (const toml::node* policy = table.get(kPolicy)) set_policy(*policy, source, own);
    for (const auto& [name, node] : table) {
      const std::string key(name.str());
      if (key != "base" && key != "about" && key != kPolicy) set(key, node, source, own);
    }
    under_way_.pop_back();
    return about;
  }

  Layers& layers() { return layers_; }

 private:
  About read_base(const toml::node& node, const Source& source) {
    const std::string where = place_of(source, node) + ": base";
    const auto* word = node.as_string();
    if (word == nullptr) fail_usage("{}: expects a recipe's name, or a file", where);
    const Source base = find_base(word->get(), source, where);
    const auto again = std::find(under_way_.begin(), under_way_.end(), base);
    if (again != under_way_.end()) {
      std::string chain;
      for (auto at = again; at != under_way_.end(); ++at) chain += at->shown + " > ";
      fail_usage("{}: recipes build on each other in a circle: {}{}", where, chain, base.shown);
    }
    return read(base, false);
  }

  /// Before the others, so that those beside it win.
  void set_policy(const toml::node& node, const Source& source, bool own) {
    const std::string where = format("{}: {}", place_of(source, node), kPolicy);
    const auto* text = node.as_string();
    const auto keys =
        text == nullptr ? decltype(data::timm_augment("", where))() : data::timm_augment(text->get(), where);
    if (keys.empty()) return set(kPolicy, node, source, own);
    for (const auto& [key, value] : keys) {
      set_option(*find_option(options_, key), value, where);
      tell(key, where, own);
    }
  }

  void tell(const std::string& key, const std::string& where, bool own) {
    layers_.inherited.erase(key);
    (own ? given_ : layers_.inherited)[key] = where;
  }

  void set(const std::string& key, const toml::node& node, const Source& source, bool own) {
    const std::string place = place_of(source, node), where = format("{}: {}", place, key);
    const Option* option = find_option(options_, key);
    if (option == nullptr && !node.is_table()) {
      if (const std::string hint = foreign_hint(key, options_); !hint.empty()) {
        fail_usage("{}: unknown key '{}'{}", place, key, hint);
      }
      fail_unknown_key(options_, key, place);
    }
    const nlohmann::json value = plain_value(node, where);
    set_option(*option, value, where);
    tell(key, where, own);
  }

  const Options& options_;
  Given& given_;
  Layers layers_;
  std::vector<Source> under_way_;
};

Layers read_layers(const Source& source, const Options& options, Given& given) {
  LayerReader reader(options, given);
  const About about = reader.read(source, source.page.empty());
  reader.layers().about = about;
  return std::move(reader.layers());
}

}  // namespace

Layers read_recipe(const std::string& word, const Options& options, Given& given) {
  return read_layers(find_source(word), options, given);
}

void read_recipe_file(const std::filesystem::path& path, const Options& options, Given& given) {
  const Layers layers = read_layers(of_file(path), options, given);
  given.insert(layers.inherited.begin(), layers.inherited.end());
}

std::vector<Dropped> settle(Recipe& recipe, const Layers& layers, Given& given) {
  Recipe fresh;
  const Options options = option_table(recipe), usual = option_table(fresh);
  std::vector<Dropped> dropped;
  for (const auto& [key, where] : layers.inherited) {
    if (given.contains(key)) continue;
    if (!is_useless(recipe, key)) {
      given[key] = where;
      continue;
    }
    const Option& option = *find_option(options, key);
    if (option_value(option) != option_value(*find_option(usual, key))) dropped.push_back({key, where});
    set_option(option, option_value(*find_option(usual, key)), where);
  }
  return dropped;
}

std::string dropped_note(const std::vector<Dropped>& dropped, const Layers& layers) {
  if (dropped.empty()) return "";
  std::vector<std::string> keys;
  for (const Dropped& each : dropped) keys.push_back(format("'{}'", each.key));
  return format("{} of {} {} no effect under what was chosen above it", join(keys, ", "), layers.names.front(),
                keys.size() == 1 ? "has" : "have");
}

/// What a text of timm's in `auto_augment` sets gives way to any other flag.
void read_flags(const std::vector<std::pair<std::string, std::string>>& flags, const Options& options, Given& given) {
  const auto set = [&](const std::string& key, const std::string& text, const std::string& where) {
    const Option* option = find_option(options, key);
    if (option == nullptr) fail_unknown_key(options, key, "command line");
    set_option(*option, text, where);
    given[key] = where;
  };
  for (const auto& [key, text] : flags) {
    if (key != kPolicy) continue;
    const auto keys = data::timm_augment(text, flag_name(key));
    for (const auto& [own, value] : keys) set(own, value, flag_name(key));
    if (keys.empty()) set(key, text, flag_name(key));
  }
  for (const auto& [key, text] : flags) {
    if (key != kPolicy) set(key, text, flag_name(key));
  }
}

}  // namespace springbok::recipe
