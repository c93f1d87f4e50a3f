// The policies of torch-toolbox and timm: their magnitudes, and timm's draws.
#include <algorithm>
#include <array>
#include <cmath>

#include "springbok/data/augment/policy.h"

namespace springbok::data {
namespace {

constexpr std::array kToolboxRandOps{Op::identity, Op::autocontrast, Op::equalise,    Op::rotate,     Op::posterise,
                                     Op::solarise, Op::colour,       Op::contrast,    Op::brightness, Op::sharpness,
                                     Op::shear_x,  Op::shear_y,      Op::translate_x, Op::translate_y};
/// timm's `inc1`: of growing severity.
constexpr std::array kTimmOps{Op::autocontrast, Op::equalise,     Op::invert,  Op::rotate,      Op::posterise,
                              Op::solarise,     Op::solarise_add, Op::colour,  Op::contrast,    Op::brightness,
                              Op::sharpness,    Op::shear_x,      Op::shear_y, Op::translate_x, Op::translate_y};

double negated_at_random(double value, Draws draws) {
  return draws.uniform() > 0.5 ? -value : value;
}

/// What a level of 10 means to an operation, with its sign.
double timm_magnitude(Op op, double level, Draws draws) {
  const double share = level / 10;
  switch (op) {
    case Op::rotate:
      return negated_at_random(share * 30, draws);
    case Op::posterise:
      return 4 - std::trunc(share * 4);
    case Op::solarise:
      return 256 - std::min(256.0, std::trunc(share * 256));
    case Op::solarise_add:
      return std::min(128.0, std::trunc(share * 110));
    case Op::colour:
    case Op::contrast:
    case Op::brightness:
    case Op::sharpness:
      return std::max(0.1, 1 + negated_at_random(share * 0.9, draws)) - 1;
    case Op::shear_x:
    case Op::shear_y:
      return negated_at_random(share * 0.3, draws);
    case Op::translate_x:
    case Op::translate_y:
      return negated_at_random(share * 0.45, draws);
    default:
      return 0;
  }
}

bool moves_pixels(Op op) {
  return op >= Op::shear_x && op <= Op::rotate;
}

}  // namespace

std::span<const Op> toolbox_rand_ops() {
  return kToolboxRandOps;
}

double toolbox_magnitude(Op op, int level) {
  const auto up_to = [level](double last) { return level == 9 ? last : last / 9 * level; };  // numpy.linspace
  switch (op) {
    case Op::shear_x:
    case Op::shear_y:
      return up_to(0.3);
    case Op::translate_x:
    case Op::translate_y:
      return up_to(150.0 / 331);
    case Op::rotate:
      return up_to(30);
    case Op::posterise:
      return std::nearbyint(8 - 4.0 / 9 * level);
    case Op::solarise:
      return level == 9 ? 0 : 256 - 256.0 / 9 * level;
    case Op::brightness:
    case Op::colour:
    case Op::contrast:
    case Op::sharpness:
      return up_to(0.9);
    default:
      return 0;
  }
}

double toolbox_rand_magnitude(Op op, int m) {
  const auto between = [m](double low, double high) { return m / 30.0 * (high - low) + low; };
  switch (op) {
    case Op::shear_x:
    case Op::shear_y:
      return between(0, 0.3);
    case Op::translate_x:
    case Op::translate_y:
      return between(0, 0.33);
    case Op::rotate:
      return between(0, 30);
    case Op::posterise:
      return between(0, 4);
    case Op::solarise:
      return between(0, 256);
    case Op::brightness:
    case Op::colour:
    case Op::contrast:
    case Op::sharpness:
      return between(0.1, 1.9);
    default:
      return between(0, 1);
  }
}

std::vector<OpStep> choose_timm_steps(const Policy& policy, Draws draws) {
  constexpr double kMostLevel = 10;
  std::vector<Op> ops;
  for (int i = 0; i < policy.ops; ++i) ops.push_back(kTimmOps[draws.below(kTimmOps.size())]);
  std::vector<OpStep> steps;
  for (const Op op : ops) {
    if (policy.probability < 1 && draws.uniform() > policy.probability) continue;
    double level = policy.magnitude;
    if (policy.deviation > 0) level += policy.deviation * draws.normal();
    OpStep step{.op = op};
    step.magnitude = timm_magnitude(op, std::clamp(level, 0.0, kMostLevel), draws);
    if (moves_pixels(op)) step.filter = draws.below(2) == 0 ? image::Filter::bilinear : image::Filter::bicubic;
    steps.push_back(step);
  }
  return steps;
}

}  // namespace springbok::data
