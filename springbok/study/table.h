// Runs side by side: one row a run, as text for people and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "springbok/study/run.h"

namespace springbok::study {

/// A cell as it is shown, and whether it is the best of its column (of two runs or more).
struct Cell {
  std::string text;
  bool best = false;
  std::optional<double> value = {};  ///< the number that the text shows
};

struct Table {
  std::vector<std::string> head;  ///< run, model, params, MACs, top-1, top-5, images/s, time
  std::vector<std::vector<Cell>> rows;
  std::vector<std::string> notes;  ///< sentences about what the rows do not say
};

/// Accuracies are those of the run's best epoch. The best are marked in top-1, top-5 and images/s.
Table table(const std::vector<RunSummary>& runs);

/// Aligned columns, the best marked with `*`, the notes below.
std::string to_text(const Table& table);

/// One object a run; numbers as they are, null where there is none yet.
nlohmann::ordered_json table_json(const std::vector<RunSummary>& runs);

/// `1234567` -> `1.23 M`, `41200000000` -> `41.2 G`: counts for people, three digits.
std::string short_count(std::int64_t count);

}  // namespace springbok::study
