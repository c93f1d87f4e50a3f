// The formulas of the learning-rate schedules.
#include "springbok/recipe/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "springbok/base/error.h"

namespace springbok::recipe {
namespace {

/// Where a step stands in the run.
struct Place {
  double epoch = 0;         ///< epochs since the start
  double after_warmup = 0;  ///< epochs since the end of the warm-up
  double share = 0;         ///< of the way from the end of the warm-up to the end of the run, 0 to 1
};

double cosine(const Schedule& s, const Place& at) {
  return s.final_lr + (s.lr - s.final_lr) * (1 + std::cos(std::numbers::pi * at.share)) / 2;
}

double poly(const Schedule& s, const Place& at) {
  return s.final_lr + (s.lr - s.final_lr) * std::pow(1 - at.share, s.power);
}

double exponential(const Schedule& s, const Place& at) {
  return s.lr * std::pow(s.gamma, at.after_warmup);
}

double staircase(const Schedule& s, const Place& at) {
  const auto passed =
      std::count_if(s.step_epochs.begin(), s.step_epochs.end(), [&](double epoch) { return epoch <= at.epoch; });
  return s.lr * std::pow(s.gamma, static_cast<double>(passed));
}

double curve(const Schedule& s, const Place& at) {
  switch (s.kind) {
    case ScheduleKind::cosine:
      return cosine(s, at);
    case ScheduleKind::step:
      return staircase(s, at);
    case ScheduleKind::poly:
      return poly(s, at);
    case ScheduleKind::exponential:
      return exponential(s, at);
    case ScheduleKind::constant:
      return s.lr;
  }
  fail("schedule: no such kind");
}

Place place(const Schedule& s, std::int64_t step) {
  const std::int64_t capped = std::min(step, s.total_steps);
  const auto after = static_cast<double>(std::max<std::int64_t>(capped - s.warmup_steps, 0));
  const auto span = static_cast<double>(std::max<std::int64_t>(s.total_steps - s.warmup_steps, 1));
  const auto per_epoch = static_cast<double>(s.steps_per_epoch);
  return {.epoch = static_cast<double>(capped) / per_epoch, .after_warmup = after / per_epoch, .share = after / span};
}

}  // namespace

const std::vector<std::string>& schedule_kinds() {
  static const std::vector<std::string> names{"cosine", "step", "poly", "exponential", "constant"};
  return names;
}

double learning_rate(const Schedule& s, std::int64_t step) {
  if (step < 0 || s.total_steps < 1 || s.steps_per_epoch < 1) {
    fail("a schedule needs lengths above 0 and a step of 0 or more, got {} steps, {} an epoch, and step {}",
         s.total_steps, s.steps_per_epoch, step);
  }
  if (step < s.warmup_steps) {
    return s.warmup_lr + (s.lr - s.warmup_lr) * static_cast<double>(step) / static_cast<double>(s.warmup_steps);
  }
  return curve(s, place(s, step));
}

}  // namespace springbok::recipe
