// Numbers that move with the step: a learning rate, a share that is dropped. Pure functions, so that resuming needs no
// state.
#pragma once

#include <cstdint>
#include <functional>

#include "springbok/recipe/schedule.h"

namespace springbok::recipe {

/// The value at an optimizer step, counted from 0.
using Curve = std::function<double(std::int64_t)>;

/// A schedule's learning rate.
Curve curve_of(const Schedule& schedule);

/// Always the same.
Curve constant(double value);

/// From one value at step 0 to another at `steps`, where it stays. Throws Error for fewer steps than one.
Curve linear(double from, double to, std::int64_t steps);

/// The same line, which goes on past its end, as torch-toolbox's schedule of DropBlock does. Throws Error likewise.
Curve endless_line(double from, double to, std::int64_t steps);

/// A curve up to epoch `from` (counted from 0). Then its value there goes to another rate on a half cosine, over
/// `epochs` epochs, moved once an epoch: torch.optim.swa_utils.SWALR.
Curve annealing_to(double rate, Curve curve, std::int64_t from, std::int64_t epochs, std::int64_t steps_per_epoch);

/// One curve up to that step, then the other, which counts from there.
Curve then(Curve first, std::int64_t until, Curve rest);

}  // namespace springbok::recipe
