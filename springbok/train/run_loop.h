// One run, from its start to its outcome.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/data/load/loader.h"
#include "springbok/model/evaluate.h"
#include "springbok/recipe/feed.h"
#include "springbok/recipe/pace.h"
#include "springbok/train/checkpoint.h"
#include "springbok/train/keeper.h"
#include "springbok/train/loop.h"
#include "springbok/train/recorder.h"
#include "springbok/train/start.h"
#include "springbok/train/stepper.h"
#include "springbok/train/teacher.h"

namespace springbok::train {

/// Seconds of a clock that never goes back.
inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// run_loop.cpp begins and ends, run_steps.cpp trains, run_evaluate.cpp evaluates, run_faults.cpp saves what goes
/// wrong; Recorder tells, Keeper keeps.
class Loop {
 public:
  Loop(Start start, const data::Source& training, const data::Source& validation, const TrainSettings& settings);
  Outcome run();

 private:
  void begin();
  void go_on();
  bool stopped();  // asks, until the answer is yes
  bool train_epoch();
  void pass_left_over(data::Loader& loader);
  void one_step(data::Loader& loader);
  std::optional<data::Batch> next_batch(data::Loader& loader);
  void add_batch(data::Batch& batch, metrics::Tally& sums);
  bool evaluate_epoch();
  model::Evaluation evaluation();
  void end_epoch(const metrics::Metrics& val, double seconds);
  void tell_overflows(std::int64_t before);
  void tell_size();
  void tell_skipped(const std::vector<std::string>& skipped);
  void finish();
  data::LoaderSettings loader_settings() const;
  tensors::Dict checkpoint();
  void save(bool best) { keeper_.save(checkpoint(), position_, best); }
  std::string epoch_title() const { return format("epoch {}/{}", position_.epoch + 1, recipe_.epochs); }

  [[noreturn]] void save_and_fail(const Error& error);  // from its handler
  [[noreturn]] void dump_and_fail(const NotFinite& error, std::int64_t batches);
  std::vector<StepBatch> load_again(std::int64_t batches) const;

  Start start_;
  const recipe::Recipe& recipe_;
  const data::Source& training_;
  const data::Source& validation_;
  const TrainSettings& settings_;
  recipe::Pace pace_;
  Learner learner_;
  std::unique_ptr<Teacher> teacher_;  ///< null where there is none
  Stepper stepper_;
  Recorder recorder_;
  Keeper keeper_;
  model::Card card_;
  metrics::Goal goal_;
  run::Position position_;
  metrics::Score best_;
  run::Times epoch_times_;
  Outcome outcome_;
  std::int64_t skipped_ = 0;    ///< bad images left out of this epoch
  std::int64_t told_size_ = 0;  ///< of training images, where it grows
  std::string stopped_by_;      ///< "" while the run goes on
};

}  // namespace springbok::train
