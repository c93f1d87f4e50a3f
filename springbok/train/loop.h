// The training run: epochs of steps, an evaluation after each, checkpoints, log, signals, resumption, release.
#pragma once

#include <csignal>
#include <functional>
#include <string>

#include "springbok/data/damaged.h"
#include "springbok/data/source.h"
#include "springbok/tasks/metrics.h"
#include "springbok/train/recipe.h"

namespace springbok::train {

enum class Ending : std::uint8_t { finished, interrupted, terminated, hung_up };

/// 0, 130 (SIGINT), 143 (SIGTERM) or 129 (SIGHUP).
int exit_code(Ending ending);

struct Outcome {
  Ending ending = Ending::finished;
  std::int64_t best_epoch = 0;  ///< 0 when none was evaluated
  tasks::Sums best, last;       ///< evaluation sums of the best and of the last epoch
  double train_seconds = 0;     ///< training and evaluation of this process
  std::int64_t trained_images = 0;
  std::string weights;  ///< path of the released weights; "" when the run did not finish
};

struct TrainSettings {
  bool quiet = false;                                ///< no progress
  std::function<void(const std::string&)> say = {};  ///< takes whole lines; standard output when empty
  const data::Damaged* damaged = nullptr;            ///< what the sources read although it is damaged
};

/// Runs a recipe (read and checked, see recipe.h) on the sources it names. A first SIGINT, SIGTERM or SIGHUP finishes
/// the step, saves a checkpoint and returns. Throws Error for what the user or the data got wrong.
Outcome train(const Recipe& recipe, const Given& given, const TrainSettings& settings = {});

/// The same on sources of the caller's.
Outcome train(const Recipe& recipe, const Given& given, const data::Source& training, const data::Source& validation,
              const TrainSettings& settings = {});

}  // namespace springbok::train
