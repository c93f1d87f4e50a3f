// The training run: epochs of steps, an evaluation after each, checkpoints, log, resumption, release.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "springbok/data/source/damaged.h"
#include "springbok/data/source/source.h"
#include "springbok/metrics/goal.h"
#include "springbok/recipe/recipe.h"
#include "springbok/run/line.h"

namespace at {
class Tensor;
}
namespace springbok::engine {
class Group;
}
namespace springbok::graph {
class Graph;
}
namespace springbok::tasks {
struct MixedTargets;
}

namespace springbok::train {

enum class Ending : std::uint8_t { finished, stopped };

struct Outcome {
  Ending ending = Ending::finished;
  std::string stopped_by;    ///< what the caller said when it stopped the run
  metrics::Score best;       ///< the best evaluation; epoch 0 when none was made
  metrics::Metrics last;     ///< of this process's last evaluation; empty when it made none
  double train_seconds = 0;  ///< training and evaluation of this process
  std::int64_t trained_images = 0;
  std::string weights;  ///< path of the released weights; "" when the run did not finish
};

/// What a caller brings in place of what the recipe says; null and empty: as it says.
struct Own {
  const graph::Graph* graph = nullptr;  ///< the network; `model` is then only its name, `size` must be given
  std::function<at::Tensor(const at::Tensor& output, const tasks::MixedTargets& targets)> loss = {};  ///< summed
  std::function<double(std::int64_t step)> rate = {};  ///< the learning rate
};

/// How a run meets its caller. Each function that answers with a text says why the run is to end (`SIGTERM`), "" to go
/// on. A run that ends so finishes its step, saves a checkpoint and returns.
struct TrainSettings {
  bool quiet = false;                                ///< no progress
  std::function<void(const std::string&)> say = {};  ///< takes whole lines; standard output when empty
  const data::Damaged* damaged = nullptr;            ///< what the sources read although it is damaged
  std::function<std::string()> stop = {};            ///< asked after each step, and between batches of an evaluation
  std::function<bool()> save = {};  ///< asked after each step: whether to save a checkpoint now, and go on
  std::function<std::string(const run::StepLine&)> on_step = {};    ///< told each step, as the log has it
  std::function<std::string(const run::EpochLine&)> on_epoch = {};  ///< told each epoch and its evaluation
  Own own = {};
  /// The ranks that train together; null: this process alone. A batch of the recipe is that of all ranks, each has its
  /// share of it. Rank 0 writes and says all there is; of the answers of the functions above, which all ranks have or
  /// none, the first counts for all. A rank that is lost is an engine::RankLost on the others. What is wrong on one is
  /// its Error, and on the others an EndedElsewhere (together.h).
  engine::Group* group = nullptr;
};

/// Runs a recipe (read and checked, see recipe.h) on the sources it names. Several may run in one process, each in a
/// folder of its own. Throws Error for what the user or the data got wrong.
Outcome train(const recipe::Recipe& recipe, const recipe::Given& given, const TrainSettings& settings = {});

/// The same on sources of the caller's.
Outcome train(const recipe::Recipe& recipe, const recipe::Given& given, const data::Source& training,
              const data::Source& validation, const TrainSettings& settings = {});

}  // namespace springbok::train
