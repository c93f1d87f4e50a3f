// Training checkpoints: everything that a run needs to go on, in one file that torch.load(weights_only=True) opens.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"
#include "springbok/tasks/metrics.h"
#include "springbok/train/card.h"
#include "springbok/train/sgd.h"
#include "springbok/weights/value.h"

namespace springbok::train {

/// Where a run stands. Randomness needs no more: every stream is named by seed, epoch, step and sample.
struct Position {
  std::int64_t epoch = 0;          ///< epochs finished, evaluation included
  std::int64_t step = 0;           ///< optimizer steps since the start
  std::int64_t step_in_epoch = 0;  ///< steps of the present epoch
  tasks::Sums sums;                ///< training sums of the present epoch
};

/// The best evaluation so far, by top-1; the earlier one of equals.
struct Best {
  std::int64_t epoch = 0;  ///< 0: none yet
  tasks::Sums sums;
};

/// A checkpoint but for its tensors.
struct Snapshot {
  Position position;
  Best best;
  Card card;                      ///< its metrics are the latest evaluation's
  nlohmann::ordered_json recipe;  ///< resolved
  std::string data_digest;        ///< of the training images
  std::string validation_digest;  ///< of the others; "" in a checkpoint of before it was kept
  int threads = 0;                ///< compute threads, which exact resumption needs
};

/// The file's contents: `state_dict`, `optimizer` (torch.optim.SGD's layout), and the rest as plain dictionaries.
weights::Dict to_dict(const Snapshot& snapshot, const weights::StateDict& state, const weights::Dict& optimizer);

/// Whether a file's root says that it is one of these.
bool is_checkpoint(const weights::Dict& root);

/// A checkpoint read back. The tensors lie in the mapped file.
struct Checkpoint {
  std::filesystem::path path;
  Snapshot snapshot;
  weights::StateDict state;
  weights::Dict optimizer;
};

/// Reads and verifies a checkpoint. Throws Error naming the file: cut, altered, or not a training checkpoint.
Checkpoint read_checkpoint(const std::filesystem::path& path);

/// Copies its tensors into a network of the same model. Throws Error with what does not fit.
void restore(const Checkpoint& checkpoint, const graph::Graph& graph, engine::State& state, Sgd& sgd);

}  // namespace springbok::train
