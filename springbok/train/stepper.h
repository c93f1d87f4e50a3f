// One optimizer step: forward, loss and backward for each batch of the step, then clipping and the update.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "springbok/engine/executor.h"
#include "springbok/engine/player.h"
#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"
#include "springbok/metrics/class_tally.h"
#include "springbok/tasks/classify.h"
#include "springbok/train/learner.h"
#include "springbok/train/not_finite.h"
#include "springbok/train/stepper_settings.h"

namespace springbok::train {

class GradientSums;

class Stepper {
 public:
  /// The learner must outlive it, and have an optimizer when the first batch comes. `step` is the number of updates
  /// made before (a resumed run).
  Stepper(Learner& learner, StepperSettings settings, std::int64_t step = 0);
  ~Stepper();
  Stepper(const Stepper&) = delete;
  Stepper& operator=(const Stepper&) = delete;

  /// Adds one batch's share of the step's gradient: that of (sum of the batch's losses) / samples_in_step, so that a
  /// step of several batches of any size has the gradient of the mean loss over all of them. input (N,C,H,W), of the
  /// host or where the state is; N targets. Returns hits and losses. Throws NotFinite, with the step abandoned.
  metrics::ClassTally add(const at::Tensor& input, std::span<const std::int64_t> targets,
                          std::int64_t samples_in_step) {
    return add(input, tasks::MixedTargets{.targets = targets}, samples_in_step);
  }
  /// The same with mixed targets; hits count for the class of the larger share. `first`: where the batch's first sample
  /// stands in the step, by which its random streams are named; else behind those added so far.
  metrics::ClassTally add(const at::Tensor& input, const tasks::MixedTargets& targets, std::int64_t samples_in_step,
                          std::optional<std::int64_t> first = {});

  /// The same for any task: `loss` makes of the network's output the loss summed over the batch, a scalar. Returns
  /// both, the output without gradients. With `sharpness`, update() calls it again: it keeps what it needs.
  struct Added {
    at::Tensor output;
    double loss = 0;
  };
  Added add(const at::Tensor& input, const std::function<at::Tensor(const at::Tensor& output)>& loss,
            std::int64_t samples_in_step, std::optional<std::int64_t> first = {});

  /// Ends the step: the optimizer's steps on the gradients, the running statistics, the update, the averages. Where the
  /// learner scales its loss, gradients are divided by the scale first. A step whose gradients overflowed moves no
  /// weight, as torch.amp.GradScaler's; it counts, and moves running statistics and averages.
  struct Update {
    double lr = 0;
    bool made = true;                          ///< false: left out, because gradients overflowed under the loss scale
    std::optional<double> gradient_norm = {};  ///< where a step on the gradients measures it, before it changes them
  };
  Update update();  ///< throws NotFinite, with the step abandoned

  /// The next batch is the step's last one: of several ranks, gradients are sent while its backward pass runs. Without
  /// it they are sent in `update`, to the same end.
  void expect_last() { last_ = true; }
  /// This rank cannot do its part of the step, but adds as many batches as the others, of no images. Then update()
  /// throws on all ranks, here Error that says why, on the others EndedElsewhere.
  void give_up(const std::string& why) {
    if (failed_.empty()) failed_ = why;
  }
  bool gave_up() const { return !failed_.empty(); }
  /// Leaves the step's update out: the next one is the next step.
  void skip();
  /// Goes on elsewhere, under other settings; the learner stands there already.
  void restart(StepperSettings settings, std::int64_t step);

  /// Forgets the present step's batches: their gradients, and where they move the running statistics.
  void abandon();

  /// Forgets the present step's gradients, but running statistics have moved: what allenai/elastic does with the
  /// batches that are left over at an epoch's end (recipe/elastic_accumulation.h).
  void discard();

  /// What the present step is given beside its batches, for a dump: `seed`, `samples_in_step`, `lr`.
  tensors::Dict given(std::int64_t samples_in_step) const;

  std::int64_t step() const { return step_; }  ///< updates made
  double scheduled_lr() const { return settings_.rate(step_); }
  double next_lr() const;  ///< that, or what a plateau has made of it
  const engine::Executor& executor() const { return executor_; }
  /// What became of capturing passes, once; "" where there is nothing to say.
  std::string take_note() { return player_.take_note(); }
  engine::Group& group() const { return *settings_.group; }

 private:
  /// A batch that sharpness-aware minimisation runs again.
  struct Held {
    at::Tensor input;
    std::function<at::Tensor(const at::Tensor&)> loss;
    std::int64_t samples_in_step = 1, first = 0;
  };
  bool run_again();
  GradientSums& sums();
  void sum_gradients();
  void expect_all_whole();
  void share_statistics();
  [[noreturn]] void fail_not_finite(const std::string& text);
  [[noreturn]] void fail_bad_gradient(const std::string& what);
  void expect_finite_gradients(std::optional<double> norm);

  Learner& learner_;
  StepperSettings settings_;
  engine::Executor executor_;
  engine::Player player_;
  engine::Effects effects_;  ///< running statistics as the present step moves them
  std::int64_t step_;
  std::int64_t samples_ = 0;    ///< of this step, so far
  std::vector<double> losses_;  ///< of its batches
  std::string broken_;          ///< of several ranks: what is not finite on this one
  std::string failed_;          ///< and why it cannot go on
  double samples_of_all_ = 0;   ///< ranks, of this step
  bool last_ = false;           ///< the next batch is the step's last
  std::unique_ptr<GradientSums> sums_;
  std::vector<Held> held_;
  engine::Effects unused_;  ///< running statistics of the second run, which do not count
  bool again_ = false;      ///< the second run
};

}  // namespace springbok::train
