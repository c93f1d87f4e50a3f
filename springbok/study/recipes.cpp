// Comparing recipes key by key.
#include "springbok/study/recipes.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "springbok/base/json.h"

namespace springbok::study {
namespace {

std::vector<std::string> keys_of(const std::vector<RunSummary>& runs) {
  std::vector<std::string> keys;
  for (const RunSummary& run : runs) {
    for (const auto& [key, value] : run.recipe.items()) {
      const bool known = std::find(keys.begin(), keys.end(), key) != keys.end();
      if (!known && key != "out" && key != "resume") keys.push_back(key);
    }
  }
  return keys;
}

/// A value as a recipe has it. Lists of numbers were written as texts before: `["0.449"]` is `[0.449]`.
std::string text_of(nlohmann::ordered_json value) {
  if (!value.is_array()) return json_text(value);
  for (auto& item : value) {
    if (!item.is_string()) continue;
    const auto number = parse_json(item.get<std::string>());
    if (number.is_number()) item = number.get<double>();
  }
  return json_text(value);
}

}  // namespace

RecipeComparison compare_recipes(const std::vector<RunSummary>& runs) {
  RecipeComparison comparison;
  for (const std::string& key : keys_of(runs)) {
    RecipeRow row{.key = key, .values = {}};
    for (const RunSummary& run : runs) {
      const auto at = run.recipe.find(key);
      row.values.push_back(at == run.recipe.end() ? "" : text_of(*at));
    }
    const bool same =
        std::all_of(row.values.begin(), row.values.end(), [&](const auto& v) { return v == row.values[0]; });
    (same ? comparison.same : comparison.different).push_back(std::move(row));
  }
  return comparison;
}

}  // namespace springbok::study
