// The training loop's state, shared by the files that train and that save.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/data/load/loader.h"
#include "springbok/model/evaluate.h"
#include "springbok/recipe/pace.h"
#include "springbok/run/lines.h"
#include "springbok/train/dump.h"
#include "springbok/train/loop.h"
#include "springbok/train/plan.h"
#include "springbok/train/settings.h"
#include "springbok/train/stepper.h"

namespace springbok::train {

inline constexpr const char* kCalmer = "try a lower --lr, a longer --warmup-epochs or --clip-norm";

/// One run, from its plan to its outcome: loop.cpp trains, loop_keep.cpp saves.
class Loop {
 public:
  Loop(Plan plan, const data::Source& training, const data::Source& validation, const TrainSettings& settings);
  Outcome run();

 private:
  void start();
  void go_on();
  bool stopped();  // asks, until the answer is yes
  bool train_epoch();
  void tell_skipped(const std::vector<std::string>& skipped);
  void one_step(data::Loader& loader);
  data::LoaderSettings loader_settings() const;
  std::optional<data::Batch> next_batch(data::Loader& loader);
  void add_batch(data::Batch& batch, metrics::Sums& sums);
  model::Evaluation evaluation();
  bool evaluate_epoch();
  void end_epoch(const metrics::Sums& validation, double seconds);
  tensors::Dict checkpoint();
  void save(bool best);
  [[noreturn]] void save_and_fail(const Error& error);  // from its handler
  [[noreturn]] void dump_and_fail(const NotFinite& error, std::int64_t batches);
  std::vector<StepBatch> load_again(std::int64_t batches) const;
  void follow_folder();
  void release_best();
  Outcome outcome(double seconds) const;
  void say(const std::string& line) const;
  std::string epoch_title() const { return format("epoch {}/{}", position_.epoch + 1, recipe_.epochs); }

  Plan plan_;
  const recipe::Recipe& recipe_;
  const data::Source& training_;
  const data::Source& validation_;
  TrainSettings settings_;
  recipe::Pace pace_;
  graph::Graph graph_;
  engine::State state_;
  Stepper stepper_;
  data::Transform train_transform_, eval_transform_;
  run::Folder folder_;
  run::CheckpointFolder& checkpoints_;
  std::unique_ptr<run::Log> log_;
  nlohmann::ordered_json record_;
  model::Card card_;
  run::Position position_;
  run::Best best_;
  metrics::Sums last_;
  run::Times epoch_times_;
  std::int64_t trained_images_ = 0;
  std::int64_t skipped_ = 0;  ///< bad images left out of this epoch
  std::string stopped_by_;    ///< "" while the run goes on
};

}  // namespace springbok::train
