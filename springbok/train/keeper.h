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
#include "springbok/train/start.h"

namespace springbok::train {

class Keeper {
 public:
  /// Both must outlive it.
  Keeper(Start& start, Recorder& recorder);

  /// Writes a checkpoint of that place in the run, listed as the best where it is.
  void save(const tensors::Dict& checkpoint, const run::Position& position, bool best);
  /// Another rank has written: sees what is there now.
  void read_again() { start_.checkpoints = run::CheckpointFolder(folder_.checkpoints()); }
  /// Whether a checkpoint of that step is there.
  bool has(std::int64_t step) const;
  /// The last checkpoint.
  Checkpoint last() const;
  bool has_best() const { return start_.checkpoints.best().has_value(); }
  /// Writes what broke; returns the path.
  std::string dump(std::int64_t step, tensors::Dict checkpoint, tensors::Dict given, std::vector<StepBatch> batches,
                   const data::Source& source);
  /// Writes what the best evaluation said of each image, for reports.
  void keep(const std::vector<metrics::Prediction>& predictions);
  /// The same of masks, which are written beside them.
  void keep(const KeptMasks& masks, const std::vector<std::string>& classes);
  /// Writes the best checkpoint's weights; returns its score, where it has one.
  std::optional<metrics::Score> release();
  std::string weights_path() const { return folder_.weights().string(); }

 private:
  void follow_folder();

  Start& start_;
  Recorder& recorder_;
  run::Folder folder_;
};

}  // namespace springbok::train
