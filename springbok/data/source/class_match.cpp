// Matching classes by name.
#include "springbok/data/source/class_match.h"

#include <unordered_map>

#include "springbok/base/error.h"

namespace springbok::data {

std::vector<std::int64_t> match_classes(const Source& source, const std::vector<std::string>& model_classes) {
  std::unordered_map<std::string, std::int64_t> by_name;
  for (const std::string& name : model_classes) {
    if (!by_name.emplace(name, static_cast<std::int64_t>(by_name.size())).second)
      fail("the model has two classes '{}'", name);
  }
  std::vector<std::int64_t> mapping;
  std::vector<std::string> unknown;
  for (const std::string& name : source.classes()) {
    const auto found = by_name.find(name);
    if (found == by_name.end()) {
      unknown.push_back(name);
    } else {
      mapping.push_back(found->second);
    }
  }
  if (unknown.empty()) return mapping;
  fail(
      "{}: {} of {} classes are unknown to the model: {} (it has {}: {}); leave them out, or use a model that knows "
      "them",
      source.description(), unknown.size(), source.classes().size(), join_first(unknown), model_classes.size(),
      join_first(model_classes));
}

}  // namespace springbok::data
