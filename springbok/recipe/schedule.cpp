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
  double after_warmup = 0;  ///< epochs since the curve's start
  double share = 0;         ///< of the way from the curve's start to the end of the run, 0 to 1
};

double half_cosine(double from, double to, double share) {
  return to + (from - to) * (1 + std::cos(std::numbers::pi * share)) / 2;
}

/// timm's CosineLRScheduler.
double restarting_cosine(const Schedule& s, const Place& at) {
  const Cycles& c = s.cycles;
  double cycle = 0, length = c.epochs, begin = 0;
  if (c.mul == 1) {
    cycle = std::floor(at.after_warmup / c.epochs);
    begin = cycle * c.epochs;
  }
  while (c.mul != 1 && at.after_warmup >= begin + length) {
    begin += length;
    length *= c.mul;
    ++cycle;
  }
  if (c.limit > 0 && cycle >= static_cast<double>(c.limit)) return s.final_lr;
  return half_cosine(s.lr * std::pow(c.decay, cycle), s.final_lr, (at.after_warmup - begin) / length);
}

double cosine(const Schedule& s, const Place& at) {
  return s.cycles.epochs > 0 ? restarting_cosine(s, at) : half_cosine(s.lr, s.final_lr, at.share);
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
    case ScheduleKind::plateau:
      return s.lr;
    case ScheduleKind::onecycle:
    case ScheduleKind::toolbox_cosine:
      break;  // they have no warm-up of this kind
  }
  fail("schedule: no such kind");
}

Place place(const Schedule& s, std::int64_t step) {
  const std::int64_t capped = std::min(step, s.total_steps), before = s.warmup_prefix ? s.warmup_steps : 0;
  const auto after = static_cast<double>(std::max<std::int64_t>(capped - before, 0));
  const auto span = static_cast<double>(std::max<std::int64_t>(s.total_steps - before, 1));
  const auto per_epoch = static_cast<double>(s.steps_per_epoch);
  return {.epoch = static_cast<double>(capped) / per_epoch, .after_warmup = after / per_epoch, .share = after / span};
}

double between(double from, double to, double share, Anneal way) {
  return way == Anneal::linear ? from + (to - from) * share : half_cosine(from, to, share);
}

struct RateAndMomentum {
  double rate, momentum;
};

/// torch.optim.lr_scheduler.OneCycleLR's phases, two or three.
RateAndMomentum one_cycle(const Schedule& s, std::int64_t step) {
  const OneCycle& c = s.onecycle;
  const std::int64_t unit = s.per == RatePer::epoch ? s.steps_per_epoch : 1;
  const auto total = static_cast<double>(s.total_steps / unit), last = total - 1;
  const double at = std::min(static_cast<double>(step / unit), last), top = c.up * total - 1;
  const RateAndMomentum start{s.lr / c.div, c.max_momentum}, peak{s.lr, c.base_momentum},
      end{start.rate / c.final_div, c.max_momentum};
  const auto way = [&](const RateAndMomentum& from, const RateAndMomentum& to, double begins, double ends) {
    const double share = ends > begins ? (at - begins) / (ends - begins) : 1;
    return RateAndMomentum{between(from.rate, to.rate, share, c.anneal),
                           between(from.momentum, to.momentum, share, c.anneal)};
  };
  if (at <= top) return way(start, peak, 0, top);
  if (!c.three_phase) return way(peak, end, top, last);
  const double down = 2 * c.up * total - 2;
  return at <= down ? way(peak, start, top, down) : way(start, end, down, last);
}

double toolbox_cosine(const Schedule& s, std::int64_t step) {
  const std::int64_t at = step + 1;
  const auto warmup = static_cast<double>(s.warmup_steps);
  if (at < s.warmup_steps) return s.warmup_lr + (s.lr - s.warmup_lr) * static_cast<double>(at) / warmup;
  const auto span = static_cast<double>(std::max<std::int64_t>(s.total_steps - s.warmup_steps, 1));
  return half_cosine(s.lr, s.final_lr, (static_cast<double>(at) - warmup) / span);
}

template <class... Names>
std::vector<std::string> list(Names... names) {
  return {names...};
}

}  // namespace

const std::vector<std::string>& schedule_kinds() {
  static const auto names =
      list("cosine", "step", "poly", "exponential", "constant", "onecycle", "plateau", "toolbox-cosine");
  return names;
}

const std::vector<std::string>& warmup_names() {
  static const auto names = list("linear", "constant");
  return names;
}

const std::vector<std::string>& rate_per_names() {
  static const auto names = list("step", "epoch");
  return names;
}

const std::vector<std::string>& anneal_names() {
  static const auto names = list("cosine", "linear");
  return names;
}

double learning_rate(const Schedule& s, std::int64_t step) {
  if (step < 0 || s.total_steps < 1 || s.steps_per_epoch < 1) {
    fail("a schedule needs lengths above 0 and a step of 0 or more, got {} steps, {} an epoch, and step {}",
         s.total_steps, s.steps_per_epoch, step);
  }
  if (s.kind == ScheduleKind::onecycle) return one_cycle(s, step).rate;
  if (s.per == RatePer::epoch) step -= step % s.steps_per_epoch;
  if (s.kind == ScheduleKind::toolbox_cosine) return toolbox_cosine(s, step);
  if (step < s.warmup_steps) {
    if (s.warmup == Warmup::constant) return s.warmup_lr;
    return s.warmup_lr + (s.lr - s.warmup_lr) * static_cast<double>(step) / static_cast<double>(s.warmup_steps);
  }
  return curve(s, place(s, step));
}

std::optional<double> momentum_at(const Schedule& s, std::int64_t step) {
  if (s.kind != ScheduleKind::onecycle || !s.onecycle.cycle_momentum) return std::nullopt;
  return one_cycle(s, step).momentum;
}

}  // namespace springbok::recipe
