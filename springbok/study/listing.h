// The runs of a folder: what state each is in, and its best.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "springbok/metrics/goal.h"
#include "springbok/study/run.h"

namespace springbok::study {

/// A run that was stopped has saved all that it did, and can be gone on with. A broken one ended without that, or its
/// files are damaged.
enum class RunState : std::uint8_t { running, finished, stopped, broken };
const char* name_of(RunState state);

struct ListedRun {  // NOLINT(bugprone-exception-escape): moving nlohmann's objects throws nothing
  std::filesystem::path folder;
  std::string name;  ///< the folder, seen from the one that is listed
  RunState state = RunState::broken;
  std::string why;                    ///< it is broken, or what happened to it; "" where nothing is to be said
  std::optional<RunSummary> summary;  ///< none where its files are damaged

  std::int64_t step() const { return summary && !summary->log.steps.empty() ? summary->log.steps.back().step : 0; }
};

/// All run folders at and below `root`, by name; none is looked for inside a run. Throws Error for a folder that is not
/// there.
std::vector<ListedRun> list_runs(const std::filesystem::path& root);

/// Aligned columns, the remarks below.
std::string to_text(const std::vector<ListedRun>& runs);
nlohmann::ordered_json to_json(const std::vector<ListedRun>& runs);

}  // namespace springbok::study
