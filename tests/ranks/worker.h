// The test's ranks: rank_worker in a folder of its own.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "springbok/ranks/local_ranks.h"
#include "tests/support/temporary_folder.h"

namespace springbok::ranks {

inline LocalRanks workers(int ranks, const std::string& what, const testing::TemporaryFolder& folder) {
  const std::filesystem::path program = std::filesystem::path(SPRINGBOK_BINARY_DIR) / "tests" / "rank_worker";
  LocalRanks settings;
  settings.ranks = ranks;
  settings.command = {program.string(), what, folder.path().string()};
  settings.patience = std::chrono::seconds(10);
  settings.last_patience = std::chrono::seconds(1);
  return settings;
}

/// What a rank wrote; "" when it wrote nothing.
inline std::string written(const testing::TemporaryFolder& folder, int rank) {
  std::stringstream text;
  text << std::ifstream(folder.path() / std::to_string(rank)).rdbuf();
  return text.str();
}

}  // namespace springbok::ranks
