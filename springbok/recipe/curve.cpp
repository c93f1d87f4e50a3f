// Curves, and curves made of curves.
#include "springbok/recipe/curve.h"

#include <algorithm>

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

Curve then(Curve first, std::int64_t until, Curve rest) {
  return [first = std::move(first), until, rest = std::move(rest)](std::int64_t step) {
    return step < until ? first(step) : rest(step - until);
  };
}

}  // namespace springbok::recipe
