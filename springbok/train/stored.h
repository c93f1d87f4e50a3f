// What lies in the checkpoint folder of a run, each file opened and checked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "springbok/metrics/goal.h"

namespace springbok::train {

struct StoredCheckpoint {
  std::string file;
  bool listed = true;                ///< by the manifest; a run goes on from those alone
  std::int64_t epoch = 0, step = 0;  ///< as the manifest, or the file itself, has it
  std::uint64_t bytes = 0;
  bool best = false, last = false, stays = false;
  std::optional<metrics::Score> score = {};  ///< of its latest evaluation
  metrics::Goal goal = {};                   ///< of a whole one
  std::string damage = {};                   ///< what is wrong with it; "" when it is whole
};

struct Stored {
  std::string problem;                        ///< of the manifest; "" when it is whole
  std::vector<StoredCheckpoint> checkpoints;  ///< listed ones first, oldest first

  /// Whether anything is wrong that a run would miss: the manifest, or a checkpoint that it lists.
  bool damaged() const;
};

/// Reads and hashes every checkpoint of a run folder, a run that is going on too: what it removes meanwhile is left
/// out. Throws Error where there is no folder of checkpoints.
Stored stored_checkpoints(const std::filesystem::path& run);

nlohmann::ordered_json to_json(const Stored& stored);

}  // namespace springbok::train
