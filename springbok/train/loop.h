// The training run: epochs of steps, an evaluation after each, checkpoints, log, signals, resumption, release.
#pragma once

#include <functional>
#include <string>

#include "springbok/data/source/damaged.h"
#include "springbok/data/source/source.h"
#include "springbok/metrics/sums.h"
#include "springbok/recipe/recipe.h"

namespace springbok::train {

enum class Ending : std::uint8_t { finished, stopped };

struct Outcome {
  Ending ending = Ending::finished;
  std::string stopped_by;       ///< what `TrainSettings::stop` said
  std::int64_t best_epoch = 0;  ///< 0 when none was evaluated
  metrics::Sums best, last;     ///< evaluation sums of the best and of the last epoch
  double train_seconds = 0;     ///< training and evaluation of this process
  std::int64_t trained_images = 0;
  std::string weights;  ///< path of the released weights; "" when the run did not finish
};

struct TrainSettings {
  bool quiet = false;                                ///< no progress
  std::function<void(const std::string&)> say = {};  ///< takes whole lines; standard output when empty
  const data::Damaged* damaged = nullptr;            ///< what the sources read although it is damaged
  /// Asked after each step, and between the batches of an evaluation: a text says why the run is to stop (`SIGTERM`),
  /// "" goes on.
  std::function<std::string()> stop = {};
};

/// Runs a recipe (read and checked, see recipe.h) on the sources it names. When `stop` says
/// so, the step is finished, a checkpoint saved, and the run returns. Throws Error for what the user or the data got
/// wrong.
Outcome train(const recipe::Recipe& recipe, const recipe::Given& given, const TrainSettings& settings = {});

/// The same on sources of the caller's.
Outcome train(const recipe::Recipe& recipe, const recipe::Given& given, const data::Source& training,
              const data::Source& validation, const TrainSettings& settings = {});

}  // namespace springbok::train
