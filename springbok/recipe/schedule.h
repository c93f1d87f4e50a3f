// Learning-rate schedules: pure functions of the optimizer step, so that resuming needs no state.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace springbok::recipe {

/// The curve after the warm-up.
enum class ScheduleKind : std::uint8_t { cosine, step, poly, exponential, constant };
/// Their names, in the order above.
const std::vector<std::string>& schedule_kinds();

/// A learning-rate curve over a run of `total_steps` optimizer steps.
///
/// With t the step (0 is the first), W = warmup_steps, T = total_steps - W, u = t - W and E = steps_per_epoch:
///
/// | kind        | learning rate                                               |
/// | ----------- | ----------------------------------------------------------- |
/// | warm-up     | t < W: warmup_lr + (lr - warmup_lr) t / W                   |
/// | constant    | lr                                                          |
/// | cosine      | final_lr + (lr - final_lr) (1 + cos(pi u / T)) / 2          |
/// | poly        | final_lr + (lr - final_lr) (1 - u / T)^power                |
/// | exponential | lr gamma^(u / E)                                            |
/// | step        | lr gamma^(number of step_epochs <= t / E)                   |
///
/// Cosine is Loshchilov and Hutter 2017, eq. 5.
///
/// Each kind but `step` starts after the warm-up. `step_epochs` count from the start of the run, warm-up included, as
/// recipes are written ("5 epochs of warm-up; divide by 10 at 30, 60 and 80").
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
};

/// The learning rate of optimizer step `step` (0 <= step); past the end it stays at the last value.
double learning_rate(const Schedule& schedule, std::int64_t step);

}  // namespace springbok::recipe
