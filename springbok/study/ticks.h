// Axis ticks at round numbers.
#pragma once

#include <string>
#include <vector>

namespace springbok::study {

/// An axis from the first to the last tick; the ticks are evenly spaced at 1, 2 or 5 times a power of ten.
struct Axis {
  std::vector<double> ticks;
  double step = 1;

  double low() const { return ticks.front(); }
  double high() const { return ticks.back(); }
  /// The tick's label, with as many decimals as the step needs.
  std::string label(double tick) const;
};

/// The axis that covers [low, high] with about `count` intervals; a range of no width is widened.
Axis axis(double low, double high, int count = 5);

}  // namespace springbok::study
