// The recipes of several runs: what all of them share, and what differs.
#pragma once

#include <string>
#include <vector>

#include "springbok/study/run.h"

namespace springbok::study {

/// One key and each run's value, as in a TOML recipe; "" for a run that does not know the key.
struct RecipeRow {
  std::string key;
  std::vector<std::string> values;
};

struct RecipeComparison {
  std::vector<RecipeRow> different;
  std::vector<RecipeRow> same;
};

/// Keys in the first run's order, then those that only later runs have. `out` and `resume` say nothing about a result
/// and are left out.
RecipeComparison compare_recipes(const std::vector<RunSummary>& runs);

}  // namespace springbok::study
