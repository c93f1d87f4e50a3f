// One optimizer step: forward, loss and backward for each batch of the step, then clipping and the update.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/engine/executor.h"
#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"
#include "springbok/metrics/class_tally.h"
#include "springbok/recipe/schedule.h"
#include "springbok/tasks/classify.h"
#include "springbok/train/optim/sgd.h"

namespace springbok::train {

struct StepperSettings {
  SgdSettings sgd;
  recipe::Schedule schedule;
  double label_smoothing = 0;
  double clip_norm = 0;  ///< 0: no clipping
  std::uint64_t seed = 0;
};

/// The loss, or the gradient's norm under clipping, is not finite. `what()` says which, at which step, and the first
/// layer or parameter where that shows.
class NotFinite : public Error {
 public:
  using Error::Error;
};

class Stepper {
 public:
  /// Graph and state must outlive it. `step` is the number of updates made before (a resumed run).
  Stepper(const graph::Graph& graph, engine::State& state, const StepperSettings& settings, std::int64_t step = 0);
  Stepper(const graph::Graph&&, engine::State&, const StepperSettings&, std::int64_t = 0) = delete;  ///< a temporary

  /// Adds one batch's share of the step's gradient: that of (sum of the batch's losses) / samples_in_step, so that a
  /// step of several batches of any size has the gradient of the mean loss over all of them. input (N,C,H,W), N
  /// targets. Returns the batch's hits and losses. Throws NotFinite, with the step abandoned.
  metrics::ClassTally add(const at::Tensor& input, std::span<const std::int64_t> targets,
                          std::int64_t samples_in_step) {
    return add(input, {.targets = targets}, samples_in_step);
  }
  /// The same with mixed targets; hits count for the class of the larger share.
  metrics::ClassTally add(const at::Tensor& input, const tasks::MixedTargets& targets, std::int64_t samples_in_step);

  /// Ends the step: clips, moves the running statistics, updates with the schedule's rate, clears the gradients.
  struct Update {
    double lr = 0;
    double gradient_norm = 0;  ///< before clipping; 0 without clipping
  };
  Update update();  ///< throws NotFinite, with the step abandoned

  /// Forgets the present step's batches: their gradients, and where they move the running statistics.
  void abandon();

  /// What the present step is given beside its batches, for a dump: `seed`, `samples_in_step`, `lr`.
  tensors::Dict given(std::int64_t samples_in_step) const;

  std::int64_t step() const { return step_; }  ///< updates made
  double next_lr() const { return learning_rate(settings_.schedule, step_); }
  const engine::Executor& executor() const { return executor_; }
  Sgd& sgd() { return sgd_; }

 private:
  const graph::Graph& graph_;
  engine::State& state_;
  StepperSettings settings_;
  engine::Executor executor_;
  Sgd sgd_;
  engine::Effects effects_;  ///< running statistics as the present step moves them
  std::int64_t step_;
  std::int64_t samples_ = 0;  ///< of this step, so far
};

/// The first parameter whose gradient is not finite, by name, or that each of them is.
std::string find_bad_gradient(const graph::Graph& graph, const engine::State& state);

/// The first node whose output is not finite when this batch is run again (which moves nothing), in words
/// (`layer1.0.conv1, whose weight is not finite`), or "the loss itself" when all are finite.
std::string find_not_finite(const graph::Graph& graph, const engine::State& state, const engine::Executor& executor,
                            const at::Tensor& input, engine::Pass pass);

}  // namespace springbok::train
