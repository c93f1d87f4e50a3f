// The log of a run: what each step and each epoch measured.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace springbok::study {

/// One step of the optimizer.
struct StepPoint {
  std::int64_t step = 0, epoch = 0;  ///< both from 1
  double loss = 0, lr = 0;           ///< mean training loss of the step; its learning rate
  double data_seconds = 0;           ///< waiting for images
  double compute_seconds = 0;
  double images_per_second = 0;

  double seconds() const { return data_seconds + compute_seconds; }
  double images() const { return images_per_second * seconds(); }
};

/// One epoch and the evaluation after it. Accuracies are percentages.
struct EpochPoint {
  std::int64_t epoch = 0, step = 0;  ///< from 1; the last step of the epoch
  double train_loss = 0, train_top1 = 0;
  double val_loss = 0, val_top1 = 0, val_top5 = 0;
  double eval_seconds = 0;
};

struct Log {
  std::vector<StepPoint> steps;
  std::vector<EpochPoint> epochs;

  /// Steps in a whole epoch; all there are before the first one ended.
  std::int64_t steps_per_epoch() const;
};

/// Reads log.jsonl. Throws Error naming file and line for what is cut, damaged or out of order.
Log read_log(const std::filesystem::path& path);

}  // namespace springbok::study
