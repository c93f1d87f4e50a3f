// One axis of an antialiased resize, as lists of input positions and fixed-point weights.
#include "springbok/image/taps.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "springbok/base/error.h"

namespace springbok::image {
namespace {

struct Kernel {
  double support;  // half width at scale 1
  double (*weight)(double x);
};

double box(double x) {
  return x > -0.5 && x <= 0.5 ? 1 : 0;
}

double triangle(double x) {
  x = std::fabs(x);
  return x < 1 ? 1 - x : 0;
}

/// The constants are single precision in Pillow.
double hamming(double x) {
  x = std::fabs(x);
  if (x == 0) return 1;
  if (x >= 1) return 0;
  x *= std::numbers::pi;
  return std::sin(x) / x * (0.54F + 0.46F * std::cos(x));
}

/// Keys' cubic convolution with a = -0.5.
double cubic(double x) {
  constexpr double a = -0.5;
  x = std::fabs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

double sinc(double x) {
  if (x == 0) return 1;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double lanczos3(double x) {
  return -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0;
}

Kernel kernel_of(Filter filter) {
  switch (filter) {
    case Filter::box:
      return {0.5, box};
    case Filter::bilinear:
      return {1, triangle};
    case Filter::hamming:
      return {1, hamming};
    case Filter::bicubic:
      return {2, cubic};
    case Filter::lanczos:
      return {3, lanczos3};
    case Filter::nearest:
      break;
  }
  check(false, "nearest has no kernel");
  return {};
}

std::int32_t fixed(double weight) {
  constexpr double kOne = 1 << kWeightBits;
  return static_cast<std::int32_t>(weight < 0 ? weight * kOne - 0.5 : weight * kOne + 0.5);
}

/// `part_count` outputs of one tap each; the caller fills `first`.
Taps single_taps(const Axis& axis) {
  Taps taps;
  taps.stride = 1;
  taps.first.resize(axis.part_count);
  taps.count.assign(axis.part_count, 1);
  taps.weights.assign(axis.part_count, 1 << kWeightBits);
  return taps;
}

/// The output that stands at position i of the wanted part.
int output_at(const Axis& axis, int i) {
  return axis.part_first + (axis.reversed ? axis.part_count - 1 - i : i);
}

}  // namespace

int Taps::begin() const {
  return *std::min_element(first.begin(), first.end());
}

int Taps::end() const {
  int last = 0;
  for (int i = 0; i < outputs(); ++i) last = std::max(last, first[i] + count[i]);
  return last;
}

Taps make_taps(const Axis& axis, Filter filter) {
  if (axis.identity()) {
    Taps copy = single_taps(axis);
    for (int i = 0; i < axis.part_count; ++i) copy.first[i] = output_at(axis, i);
    return copy;
  }
  const Kernel kernel = kernel_of(filter);
  const double scale = static_cast<double>(axis.high - axis.low) / axis.outputs;
  const double stretch = std::max(scale, 1.0);
  const double support = kernel.support * stretch;
  Taps taps;
  taps.stride = static_cast<int>(std::ceil(support)) * 2 + 1;
  taps.first.resize(axis.part_count);
  taps.count.resize(axis.part_count);
  taps.weights.resize(static_cast<std::size_t>(axis.part_count) * taps.stride);
  std::vector<double> weights(taps.stride);
  for (int i = 0; i < axis.part_count; ++i) {
    const double centre = axis.low + (output_at(axis, i) + 0.5) * scale;
    const int first = std::max(static_cast<int>(std::trunc(centre - support + 0.5)), 0);
    const int count = std::min(static_cast<int>(std::trunc(centre + support + 0.5)), axis.inputs) - first;
    double sum = 0;
    for (int j = 0; j < count; ++j) {
      weights[j] = kernel.weight((j + first - centre + 0.5) * (1.0 / stretch));
      sum += weights[j];
    }
    taps.first[i] = first;
    taps.count[i] = count;
    for (int j = 0; j < count; ++j) {
      taps.weights[static_cast<std::size_t>(i) * taps.stride + j] = fixed(sum != 0 ? weights[j] / sum : weights[j]);
    }
  }
  return taps;
}

Taps make_nearest_taps(const Axis& axis) {
  Taps taps = single_taps(axis);
  const double step = static_cast<double>(axis.high - axis.low) / axis.outputs;
  // Pillow adds the step up from the first output on, rounding errors included.
  std::vector<int> positions(axis.outputs);
  double at = axis.low + step * 0.5;
  for (int& position : positions) {
    position = std::clamp(static_cast<int>(at), 0, axis.inputs - 1);
    at += step;
  }
  for (int i = 0; i < axis.part_count; ++i) taps.first[i] = positions[output_at(axis, i)];
  return taps;
}

}  // namespace springbok::image
