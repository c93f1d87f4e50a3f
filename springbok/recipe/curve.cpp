// Curves, and curves made of curves.
#include "springbok/recipe/curve.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "springbok/base/error.h"

namespace springbok::recipe {

Curve curve_of(const Schedule& schedule) {
  return [schedule](std::int64_t step) { return learning_rate(schedule, step); };
}

Curve constant(double value) {
  return [value](std::int64_t) { return value; };
}

Curve linear(double from, double to, std::int64_t steps) {
  if (steps < 1) fail("a line takes one step or more, not {}", steps);
  return [=](std::int64_t step) {
    return from + (to - from) * static_cast<double>(std::min(step, steps)) / static_cast<double>(steps);
  };
}

Curve endless_line(double from, double to, std::int64_t steps) {
  if (steps < 1) fail("a line takes one step or more, not {}", steps);
  return [=](std::int64_t step) { return from + (to - from) * static_cast<double>(step) / static_cast<double>(steps); };
}

Curve annealing_to(double rate, Curve curve, std::int64_t from, std::int64_t epochs, std::int64_t steps_per_epoch) {
  return [=, curve = std::move(curve)](std::int64_t step) {
    const std::int64_t begin = from * steps_per_epoch;
    if (step < begin) return curve(step);
    const auto past = static_cast<double>((step - begin) / steps_per_epoch);
    const double share = epochs == 0 ? 1 : std::min(past / static_cast<double>(epochs), 1.0);
    const double weight = (1 - std::cos(std::numbers::pi * share)) / 2;
    return rate * weight + curve(begin) * (1 - weight);
  };
}

Curve then(Curve first, std::int64_t until, Curve rest) {
  return [first = std::move(first), until, rest = std::move(rest)](std::int64_t step) {
    return step < until ? first(step) : rest(step - until);
  };
}

}  // namespace springbok::recipe
