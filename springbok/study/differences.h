// Why two runs differ: all that is recorded of what they computed, on what, with what.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "springbok/study/run.h"

namespace springbok::study {

/// One thing that two runs have otherwise.
struct Difference {
  std::string what;  ///< `recipe lr`, `build revision`
  std::string a, b;  ///< as they stand in the records; "" where one says nothing of it
};

struct Differences {
  std::vector<Difference> causes;    ///< what may change a result: recipe, data, build, machine, parent
  std::vector<Difference> harmless;  ///< where and how they ran
  std::int64_t same_steps = 0;       ///< steps whose losses are equal to the last bit, from the first one on
  std::optional<Difference> loss;    ///< the first losses that differ
  std::vector<Difference> results;   ///< the best metrics that differ, and their epochs

  /// Whether a result or a cause differs.
  bool any() const { return !causes.empty() || loss || !results.empty(); }
};

Differences differences(const RunSummary& a, const RunSummary& b);

/// What else a record holds that may change a result: a name, and the keys that lead to it in run.json.
const std::vector<std::pair<std::string, std::vector<std::string>>>& record_places();
/// What stands there; "" where nothing does.
std::string recorded(const nlohmann::ordered_json& record, const std::vector<std::string>& keys);

/// Three columns, and what they come to in a sentence.
std::string to_text(const Differences& differences, const RunSummary& a, const RunSummary& b);
nlohmann::ordered_json to_json(const Differences& differences);

}  // namespace springbok::study
