// The recipes that the program knows by name: those of recipes/ in the source tree, held as text.
#pragma once

#include <string>
#include <vector>

namespace springbok::recipe {

struct Page {
  std::string name;  ///< `modelzoo/resnet50`, for recipes/modelzoo/resnet50.toml
  std::string text;  ///< TOML
};

/// All of them, by name.
const std::vector<Page>& book();

/// The page of that name, or nullptr.
const Page* find_page(const std::string& name);

/// ` (did you mean 'modelzoo/resnet50'?)`: the page that is nearest to a word that names none, or whose last part it
/// is. "" when none is near.
std::string near_page(const std::string& word);

}  // namespace springbok::recipe
