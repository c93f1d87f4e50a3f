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
#include "springbok/engine/group.h"
#include "springbok/model/evaluate.h"
#include "springbok/recipe/feed.h"
#include "springbok/recipe/pace.h"
#include "springbok/train/checkpoint.h"
#include "springbok/train/judged.h"
#include "springbok/train/keeper.h"
#include "springbok/train/loop.h"
#include "springbok/train/recorder.h"
#include "springbok/train/start.h"
#include "springbok/train/stepper.h"
#include "springbok/train/task_batch.h"
#include "springbok/train/teacher.h"

namespace springbok::train {

/// Seconds of a clock that never goes back.
inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The ranks of a training.
inline engine::Group& group_of(const TrainSettings& settings) {
  return settings.group == nullptr ? engine::alone() : *settings.group;
}

/// What the stepper is given after so many rollbacks, and the loader.
StepperSettings stepper_with(const recipe::Recipe& recipe, const recipe::Pace& pace, const data::Source& training,
                             const Teacher* teacher, const TrainSettings& settings, std::int64_t rollbacks);
recipe::Recipe fed_with(const recipe::Recipe& recipe, std::int64_t rollbacks);

/// run_loop.cpp begins and ends, run_steps.cpp trains, run_evaluate.cpp evaluates, run_faults.cpp saves what goes
/// wrong, run_ranks.cpp agrees with other ranks; Recorder tells, Keeper keeps.
class Loop {
 public:
  /// With a group, all ranks make one, and run it.
  Loop(Start start, const data::Source& training, const data::Source& validation, const TrainSettings& settings);
  Outcome run();

 private:
  Outcome run_to_end();
  void begin();
  void open();
  std::string start_anew();
  void restore_learner();
  void expect_same_teacher(const std::string& digest) const;
  void go_on();
  bool stopped();  // asks, until the answer is yes
  bool goes_on();
  bool stops_early();
  bool train_epoch();
  void pass_left_over(data::Loader& loader);
  bool one_step(data::Loader& loader);  // false: the run stands elsewhere now
  void count_step(const metrics::Tally& sums, const Stepper::Update& update, const StepTimes& times);
  void save_where_asked();
  std::optional<data::Batch> next_batch(data::Loader& loader);
  void add_batch(data::Batch& batch, metrics::Tally& sums);
  void add_batches(data::Loader& loader, std::int64_t& batches, metrics::Tally& sums);
  void evaluate_epoch();
  void renew_statistics();
  Judged evaluation(KeptMasks& masks);
  Judged own_evaluation(KeptMasks& masks);
  void keep_evaluation(Judged& judged, KeptMasks& masks);
  void end_epoch(const Judged& judged, double seconds);
  std::int64_t damaged();
  void tell_overflows(std::int64_t before);
  void tell_size();
  void tell_skipped(const std::vector<std::string>& skipped);
  void finish();
  data::LoaderSettings loader_settings() const;
  tensors::Dict checkpoint();
  void save(bool best);  // goes on while it is written
  void end_save();       // waits for that; all ranks then know what is there
  void save_now();
  bool is_saved();  // this step
  void expect_saved();
  bool alone() const { return group_.size() == 1; }
  std::string epoch_title() const { return format("epoch {}/{}", position_.epoch + 1, recipe_.epochs); }

  [[noreturn]] void save_and_fail(const Error& error);  // from its handler
  [[noreturn]] void fail_of_memory(const std::string& what);
  bool meet_not_finite(const NotFinite& error, std::int64_t batches, data::Loader& loader);
  void skip_step(const std::string& what, std::int64_t batches, data::Loader& loader);
  void roll_back(const std::string& what);
  bool may_go_on() const;
  std::string dump(const NotFinite& error, std::int64_t batches);
  std::vector<StepBatch> load_again(std::int64_t batches) const;
  void tell(const std::string& event, const std::string& text);

  // Of several ranks, each calls the following (run_ranks.cpp).
  void agree(metrics::Tally& sums, StepTimes& times);
  std::string first_said(const std::string& mine);
  std::vector<std::string> of_all_ranks(const std::vector<std::string>& mine);
  std::vector<run::RankLine> rank_lines(const Judged& judged);
  bool stops_evaluation();
  void join(Judged& judged);
  void join_predictions(model::Evaluation& evaluation);
  data::Part part() const { return {.rank = group_.rank(), .ranks = group_.size(), .block = recipe_.batch_size}; }
  bool evaluates_all() const { return alone() || recipe_.ranks.eval == recipe::EvalBy::each_rank; }
  bool loads_whole_batches() const;                  // to mix images with others of their batch, and then cut it
  std::string named(const std::string& what) const;  // with the rank
  bool own_statistics() const { return !alone() && recipe_.ranks.bn_stats == recipe::BnStats::local; }
  void gather_statistics();
  void restore_statistics(const Checkpoint& checkpoint);
  std::vector<at::Tensor> statistics();  // this rank's, of weights and averages

  engine::Group& group_;
  Start start_;
  const recipe::Recipe& recipe_;
  recipe::Recipe fed_;  ///< the recipe with the seed of now: rollbacks may change it
  const data::Source& training_;
  const data::Source& validation_;
  const TrainSettings& settings_;
  recipe::Pace pace_;
  Learner learner_;
  std::unique_ptr<Teacher> teacher_;  ///< null where there is none
  Objective objective_;
  Stepper stepper_;
  Recorder recorder_;
  Keeper keeper_;
  model::Card card_;
  metrics::Goal goal_;
  run::Position position_;
  metrics::Score best_;
  run::Times epoch_times_;
  StepTimes own_times_;                   ///< of this rank in the epoch
  std::optional<at::Tensor> statistics_;  ///< of ranks that each have their own: a row each, to be saved
  Outcome outcome_;
  std::int64_t skipped_ = 0;     ///< bad images left out of this epoch
  std::int64_t told_size_ = 0;   ///< of training images, where it grows
  std::string stop_asked_;       ///< by any rank, of several: why to stop
  bool save_asked_ = false;      ///< by any rank, of several, in the last step
  std::int64_t rolled_to_ = -1;  ///< step of the checkpoint that the last rollback went to
  bool dumped_ = false;          ///< a step that was not finite, in this process
  std::string stopped_by_;       ///< "" while the run goes on
};

}  // namespace springbok::train
