// The policies of timm: their magnitudes and draws (timm, data/auto_augment.py).
#include <algorithm>
#include <array>
#include <cmath>

#include "springbok/data/augment/policy.h"

namespace springbok::data {
namespace {

/// What magnitudes mean to tones and colours. `growing`: the stronger, the larger (timm's `...Increasing`). `falling`:
/// as a share of what is kept. `original`: falling too, with the bits of AutoAugment's paper.
enum class Scale : std::uint8_t { growing, falling, original };

constexpr double kTen = 10;

constexpr std::array kRandOps{Op::autocontrast, Op::equalise,     Op::invert,  Op::rotate,      Op::posterise,
                              Op::solarise,     Op::solarise_add, Op::colour,  Op::contrast,    Op::brightness,
                              Op::sharpness,    Op::shear_x,      Op::shear_y, Op::translate_x, Op::translate_y};
constexpr std::array kMixOps{Op::autocontrast, Op::colour,      Op::contrast,   Op::brightness, Op::sharpness,
                             Op::equalise,     Op::rotate,      Op::posterise,  Op::solarise,   Op::shear_x,
                             Op::shear_y,      Op::translate_x, Op::translate_y};

double negated_at_random(double value, Draws draws) {
  return draws.uniform() > 0.5 ? -value : value;
}

double bits_of(Scale scale, double share) {
  const double bits = std::trunc(share * 4);
  return scale == Scale::growing ? 4 - bits : scale == Scale::falling ? bits : bits + 4;
}

/// What is added to a colour's factor of 1.
double colour_of(Scale scale, double share, Draws draws) {
  if (scale != Scale::growing) return share * 1.8 + 0.1 - 1;
  return std::max(0.1, 1 + negated_at_random(share * 0.9, draws)) - 1;
}

/// What a level of 10 means to an operation, with its sign.
double magnitude_of(Op op, Scale scale, double level, Draws draws) {
  const double share = level / kTen;
  const double threshold = std::min(256.0, std::trunc(share * 256));
  switch (op) {
    case Op::rotate:
      return negated_at_random(share * 30, draws);
    case Op::posterise:
      return std::clamp(bits_of(scale, share), 0.0, 8.0);
    case Op::solarise:
      return scale == Scale::growing ? 256 - threshold : threshold;
    case Op::solarise_add:
      return std::min(128.0, std::trunc(share * 110));
    case Op::colour:
    case Op::contrast:
    case Op::brightness:
    case Op::sharpness:
      return colour_of(scale, share, draws);
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

/// The magnitude of one use: as it is, or drawn around it.
double noisy(double magnitude, double deviation, double most, Draws draws) {
  constexpr double kLargestDeviation = 100;
  if (deviation > kLargestDeviation) {
    magnitude = draws.uniform(0, magnitude);
  } else if (deviation > 0) {
    magnitude += deviation * draws.normal();
  }
  return std::clamp(magnitude, 0.0, most);
}

OpStep step_of(Op op, Scale scale, double level, Draws draws) {
  OpStep step{.op = op};
  step.magnitude = magnitude_of(op, scale, level, draws);
  if (moves_pixels(op)) step.filter = draws.below(2) == 0 ? image::Filter::bilinear : image::Filter::bicubic;
  return step;
}

bool left_out(double probability, Draws draws) {
  return probability < 1 && draws.uniform() > probability;
}

std::vector<OpStep> choose_rand(const Policy& policy, Draws draws) {
  std::vector<Op> ops;
  for (int i = 0; i < policy.ops; ++i) ops.push_back(kRandOps[draws.below(kRandOps.size())]);
  std::vector<OpStep> steps;
  for (const Op op : ops) {
    if (left_out(policy.probability, draws)) continue;
    const double level = noisy(policy.magnitude, policy.deviation, policy.most, draws);
    steps.push_back(step_of(op, policy.increasing ? Scale::growing : Scale::falling, level, draws));
  }
  return steps;
}

std::vector<OpStep> choose_from_table(const Policy& policy, Draws draws) {
  const bool original = policy.kind == PolicyKind::timm_original || policy.kind == PolicyKind::timm_originalr;
  const bool grows = policy.kind == PolicyKind::timm_originalr || policy.kind == PolicyKind::timm_v0r;
  const std::span<const SubPolicy> table = sub_policies(original ? PolicyKind::imagenet : PolicyKind::timm_v0);
  const SubPolicy& chosen = table[draws.below(table.size())];
  std::vector<OpStep> steps;
  for (const SubOp& sub : {chosen.first, chosen.second}) {
    if (left_out(sub.probability, draws)) continue;
    const double level = noisy(std::max(sub.level, 0), policy.deviation, kTen, draws);
    const Scale scale = sub.op == Op::posterise && grows ? Scale::growing : original ? Scale::original : Scale::falling;
    steps.push_back(step_of(sub.op, scale, level, draws));
  }
  return steps;
}

/// Solarised, in grey, or blurred.
std::vector<OpStep> choose_3a(const Policy& policy, Draws draws) {
  constexpr double kLeast = 0.1, kMost = 2, kMiddle = 5;
  const std::uint64_t kind = draws.below(3);
  const double level = noisy(kind == 0 ? kMiddle : kTen, policy.deviation, kTen, draws), share = level / kTen;
  if (kind == 0) return {step_of(Op::solarise, Scale::falling, level, draws)};
  if (kind == 1) return {{.op = Op::colour, .magnitude = -(0.5 + 0.5 * share)}};
  return {{.op = Op::blur, .magnitude = draws.uniform(kLeast, kMost * share)}};
}

}  // namespace

std::vector<OpStep> choose_timm_steps(const Policy& policy, Draws draws) {
  if (policy.kind == PolicyKind::timm_rand) return choose_rand(policy, draws);
  return policy.kind == PolicyKind::timm_3a ? choose_3a(policy, draws) : choose_from_table(policy, draws);
}

std::vector<OpStep> choose_timm_chain(const Policy& policy, std::size_t length, Draws draws) {
  constexpr double kAny = 1e9;  // without a deviation of its own any strength up to the severity is as likely
  std::vector<Op> ops;
  for (std::size_t i = 0; i < length; ++i) ops.push_back(kMixOps[draws.below(kMixOps.size())]);
  std::vector<OpStep> steps;
  for (const Op op : ops) {
    const double level = noisy(policy.severity, policy.deviation > 0 ? policy.deviation : kAny, kTen, draws);
    steps.push_back(step_of(op, Scale::growing, level, draws));
  }
  return steps;
}

}  // namespace springbok::data
