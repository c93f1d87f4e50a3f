// What a run keeps: checkpoints, the step that broke, the released weights.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "springbok/metrics/prediction.h"
#include "springbok/run/folder.h"
#include "springbok/run/manifest.h"
#include "springbok/train/dump.h"
#include "springbok/train/kept_masks.h"
#include "springbok/train/recorder.h"
#include "springbok/train/saver.h"
#include "springbok/train/start.h"

namespace springbok::train {

class Keeper {
 public:
  /// Both must outlive it.
  Keeper(Start& start, Recorder& recorder);

  /// Has a checkpoint of that place in the run written, listed as the best where it is. Its tensors stay as they are
  /// until `wait_copied`. A write that failed since is thrown by the next of the calls below that say so.
  void save(const tensors::Dict& checkpoint, const run::Position& position, bool best);
  void wait_copied() { saver_.wait_copied(); }
  /// Waits until it is written, and throws what went wrong.
  void wait() { saver_.wait(); }
  /// Throws what went wrong, without waiting.
  void expect_saved() { saver_.expect_saved(); }
  /// Another rank has written: sees what is there now.
  void read_again() { start_.checkpoints = run::CheckpointFolder(folder_.checkpoints()); }
  /// Whether a checkpoint of that step is there; waits, as the next two do.
  bool has(std::int64_t step);
  /// The last checkpoint.
  Checkpoint last();
  /// Makes the one before it the last, where there is one: going on from it led nowhere. Waits.
  void forget_last();
  bool has_best();
  /// Writes what broke; returns the path.
  std::string dump(std::int64_t step, tensors::Dict checkpoint, tensors::Dict given, std::vector<StepBatch> batches,
                   const data::Source& source);
  /// Writes what the best evaluation said of each image, for reports.
  void keep(const std::vector<metrics::Prediction>& predictions);
  /// The same of masks, which are written beside them.
  void keep(const KeptMasks& masks, const std::vector<std::string>& classes);
  /// Writes the best checkpoint's weights, once that is written; returns its score, where it has one.
  std::optional<metrics::Score> release();
  std::string weights_path() const { return folder_.weights().string(); }

 private:
  void follow_folder();

  Start& start_;
  Recorder& recorder_;
  run::Folder folder_;
  Saver saver_;  ///< its thread writes to `start_.checkpoints`: nobody else looks there without waiting
};

}  // namespace springbok::train
