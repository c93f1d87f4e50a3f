// Training checkpoints: everything that a run needs to go on, in one file that torch.load(weights_only=True) opens.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "springbok/model/card.h"
#include "springbok/run/position.h"
#include "springbok/tensors/value.h"
#include "springbok/train/learner.h"

namespace springbok::train {

/// A checkpoint but for its tensors.
struct Snapshot {
  run::Position position;
  metrics::Score best;
  model::Card card;                         ///< its metrics are the latest evaluation's
  nlohmann::ordered_json recipe;            ///< resolved
  std::string data_digest;                  ///< of the training images
  std::string validation_digest;            ///< of the others; "" in a checkpoint of before it was kept
  std::string teacher_digest;               ///< SHA-256 of the file that the run learns from; "" for none
  int threads = 0;                          ///< compute threads, which exact resumption needs
  int ranks = 1;                            ///< that shared the batches, likewise
  nlohmann::ordered_json parent = nullptr;  ///< of a branch: what it goes on from (branch.h)
};

/// Where each rank has running statistics of its own: a row of them each, which the learner's part then holds too.
inline constexpr const char* kRankStatistics = "rank_statistics";

/// The file's contents: what the learner saves (`state_dict`, `optimizer` in torch.optim's layout, ...), and the rest
/// as plain dictionaries.
tensors::Dict to_dict(const Snapshot& snapshot, tensors::Dict learner);

/// A checkpoint read back. The tensors lie in the mapped file.
struct Checkpoint {
  std::filesystem::path path;
  Snapshot snapshot;
  tensors::StateDict state;
  tensors::Dict learner;  ///< its other parts: `optimizer`, `averages`, `scaler`, `plateau`, `rank_statistics`
};

/// The weights to release: the first average where there is one.
tensors::StateDict best_weights(const Checkpoint& checkpoint);

/// Reads and verifies a checkpoint. Throws Error naming the file: cut, altered, or not a training checkpoint.
Checkpoint read_checkpoint(const std::filesystem::path& path);

/// Loads a learner of the same network and optimizer. Throws Error with what does not fit.
void restore(const Checkpoint& checkpoint, Learner& learner);

}  // namespace springbok::train
