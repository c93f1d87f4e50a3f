// Looking up a recipe by name.
#include "springbok/recipe/book.h"

#include <algorithm>

#include "springbok/base/text.h"

namespace springbok::recipe {

const Page* find_page(const std::string& name) {
  const auto found = std::find_if(book().begin(), book().end(), [&](const Page& page) { return page.name == name; });
  return found == book().end() ? nullptr : &*found;
}

std::string near_page(const std::string& word) {
  std::vector<std::string> names, last_parts;
  for (const Page& page : book()) {
    names.push_back(page.name);
    last_parts.push_back(page.name.substr(page.name.rfind('/') + 1));
  }
  std::string near = closest(word, names);
  if (near.empty()) near = closest(word, last_parts);
  const auto part = std::find(last_parts.begin(), last_parts.end(), near);
  if (part != last_parts.end()) near = names[static_cast<std::size_t>(part - last_parts.begin())];
  return near.empty() ? "" : format(" (did you mean '{}'?)", near);
}

}  // namespace springbok::recipe
