// The run folder: run.json (what ran, on what), log.jsonl (every step and epoch), checkpoints/, weights.safetensors.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "springbok/data/source/source.h"

namespace springbok::run {

/// Whether anything has that name, a dangling link too. Throws Error where the system does not tell.
bool is_there(const std::filesystem::path& path);

/// The paths inside a run folder.
struct Folder {
  std::filesystem::path root;

  std::filesystem::path run_json() const { return root / "run.json"; }
  std::filesystem::path log() const { return root / "log.jsonl"; }
  std::filesystem::path log(int rank) const {  ///< of one of several ranks
    return rank == 0 ? log() : root / ("log.rank" + std::to_string(rank) + ".jsonl");
  }
  std::filesystem::path checkpoints() const { return root / "checkpoints"; }
  std::filesystem::path manifest() const { return checkpoints() / "manifest.json"; }
  std::filesystem::path weights() const { return root / "weights.safetensors"; }
  std::filesystem::path tensorboard() const { return root / "tensorboard"; }
  std::filesystem::path predictions() const { return root / "predictions.json"; }  ///< of the best evaluation
  std::filesystem::path masks() const { return root / "masks"; }                   ///< that they name
  std::filesystem::path dump(std::int64_t step) const;  ///< of a step that ended in NaN; a name that is free
  static std::string dump_name(std::int64_t step);      ///< the first of these
  std::vector<std::string> dumps() const;               ///< that are there, by name
};

/// Makes the checkpoints' folder, shows that it can be written, and clears what a run that was killed left half
/// written. The run must be locked. Throws Error where it cannot.
void open_folder(const Folder& folder);

}  // namespace springbok::run
