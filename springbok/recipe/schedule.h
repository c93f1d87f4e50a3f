// Learning-rate schedules: pure functions of the optimizer step, so that resuming needs no state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace springbok::recipe {

/// The curve after the warm-up.
enum class ScheduleKind : std::uint8_t { cosine, step, poly, exponential, constant, onecycle, plateau, toolbox_cosine };
/// Their names, in the order above.
const std::vector<std::string>& schedule_kinds();

/// How the rate warms up: on a line from `warmup_lr`, or at `warmup_lr` until it ends.
enum class Warmup : std::uint8_t { linear, constant };
const std::vector<std::string>& warmup_names();

/// When the rate moves: at each step, or at an epoch's first step.
enum class RatePer : std::uint8_t { step, epoch };
const std::vector<std::string>& rate_per_names();

/// Cosine with restarts (Loshchilov and Hutter 2017; names as timm's CosineLRScheduler). Cycle i is `epochs` mul^i long
/// and starts at lr decay^i; behind the last one the rate stays at `final_lr`.
struct Cycles {
  double epochs = 0;  ///< of the first; 0: one cycle over the whole run
  double mul = 1;
  double decay = 1;
  std::int64_t limit = 0;  ///< how many; 0: as many as the run holds
};

/// The way between two rates.
enum class Anneal : std::uint8_t { cosine, linear };
const std::vector<std::string>& anneal_names();

/// One cycle (Smith and Topin 2018; names as torch.optim.lr_scheduler.OneCycleLR): from lr / div up to lr, then down to
/// lr / div / final_div at the last step. Momentum (or beta1) goes the other way: from its largest value to its base
/// where the rate is highest, and back.
struct OneCycle {
  double up = 0.3;  ///< share of the run that the rate rises
  double div = 25, final_div = 1e4;
  Anneal anneal = Anneal::cosine;
  bool three_phase = false;  ///< down to lr / div as fast as it rose, then to the end, with momentum at its largest
  bool cycle_momentum = true;
  double base_momentum = 0.85, max_momentum = 0.95;
};

/// A learning-rate curve over a run of `total_steps` optimizer steps.
///
/// With t the step (0 is the first), W = warmup_steps, T = total_steps - W, u = t - W and E = steps_per_epoch:
///
/// | kind        | learning rate                                                                  |
/// | ----------- | ------------------------------------------------------------------------------ |
/// | warm-up     | t < W: warmup_lr + (lr - warmup_lr) t / W; constant: warmup_lr                 |
/// | constant    | lr; `plateau` too, times what the plateau has made of it (train/plateau.h)     |
/// | cosine      | final_lr + (lr - final_lr) (1 + cos(pi u / T)) / 2, or in `cycles`             |
/// | poly        | final_lr + (lr - final_lr) (1 - u / T)^power                                   |
/// | exponential | lr gamma^(u / E)                                                               |
/// | step        | lr gamma^(number of step_epochs <= t / E)                                      |
/// | onecycle    | see `OneCycle`; it has no warm-up                                              |
/// | toolbox_cosine | warm-up and cosine at t + 1, as torch-toolbox's CosineWarmupLr: the first step is not at
/// warmup_lr, the last is at final_lr; past the end it rises again |
///
/// Cosine is Loshchilov and Hutter 2017, eq. 5.
///
/// Each kind but `step` starts after the warm-up; without `warmup_prefix` u is t and T all steps, as timm has it.
/// `step_epochs` count from the start of the run, warm-up included, as recipes are written ("5 epochs of warm-up;
/// divide by 10 at 30, 60 and 80"). Per epoch, t is that of the epoch's first step; `onecycle` then counts epochs.
struct Schedule {
  ScheduleKind kind = ScheduleKind::cosine;
  double lr = 0.1;
  double final_lr = 0;
  double gamma = 0.1;
  double power = 0.9;
  std::vector<double> step_epochs = {};
  std::int64_t warmup_steps = 0;
  double warmup_lr = 0;
  std::int64_t total_steps = 1;
  std::int64_t steps_per_epoch = 1;
  Warmup warmup = Warmup::linear;
  bool warmup_prefix = true;
  RatePer per = RatePer::step;
  Cycles cycles = {};
  OneCycle onecycle = {};
};

/// The learning rate of optimizer step `step` (0 <= step); past the end it stays at the last value.
double learning_rate(const Schedule& schedule, std::int64_t step);

/// The momentum of that step, of schedules that move it too: one cycle.
std::optional<double> momentum_at(const Schedule& schedule, std::int64_t step);

}  // namespace springbok::recipe
