// The policies of torch-toolbox: their magnitudes.
#include <array>
#include <cmath>

#include "springbok/data/augment/policy.h"

namespace springbok::data {
namespace {

constexpr std::array kToolboxRandOps{Op::identity, Op::autocontrast, Op::equalise,    Op::rotate,     Op::posterise,
                                     Op::solarise, Op::colour,       Op::contrast,    Op::brightness, Op::sharpness,
                                     Op::shear_x,  Op::shear_y,      Op::translate_x, Op::translate_y};
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

}  // namespace springbok::data
