// Choosing round ticks.
#include "springbok/study/ticks.h"

#include <algorithm>
#include <cmath>

#include "springbok/base/text.h"

namespace springbok::study {
namespace {

/// The smallest of 1, 2, 5 times a power of ten that is at least `step`.
double round_up(double step) {
  const double power = std::pow(10, std::floor(std::log10(step)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (step <= factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

}  // namespace

std::string Axis::label(double tick) const {
  const double rounded = std::abs(tick) < step / 1e6 ? 0 : tick;  // no "-0", no 1e-17
  if (step < 1e-4 || step >= 1e6) return format("{:.3g}", rounded);
  return format("{:.{}f}", rounded, std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9))));
}

Axis axis(double low, double high, int count) {
  if (!(high > low)) {
    const double margin = low == 0 ? 1 : std::abs(low) / 10;
    low -= margin;
    high += margin;
  }
  Axis axis{.ticks = {}, .step = round_up((high - low) / count)};
  const double first = std::floor(low / axis.step + 1e-9), last = std::ceil(high / axis.step - 1e-9);
  for (double i = first; i <= last; ++i) axis.ticks.push_back(i * axis.step);
  return axis;
}

}  // namespace springbok::study
