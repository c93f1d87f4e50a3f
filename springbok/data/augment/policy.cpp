// Drawing operations and magnitudes.
#include "springbok/data/augment/policy.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "springbok/base/error.h"
#include "springbok/data/augment/random_crop.h"

namespace springbok::data {
namespace {

constexpr int kTableLevels = 10, kRandLevels = 31, kAugMixLevels = 10;

/// torchvision's order, from which RandAugment, TrivialAugment and torch-toolbox's RandAugment draw.
constexpr std::array kRandOps{Op::identity,  Op::shear_x,    Op::shear_y,      Op::translate_x, Op::translate_y,
                              Op::rotate,    Op::brightness, Op::colour,       Op::contrast,    Op::sharpness,
                              Op::posterise, Op::solarise,   Op::autocontrast, Op::equalise};
constexpr std::array kAugMixOps{Op::shear_x,   Op::shear_y,  Op::translate_x,  Op::translate_y, Op::rotate,
                                Op::posterise, Op::solarise, Op::autocontrast, Op::equalise,    Op::brightness,
                                Op::colour,    Op::contrast, Op::sharpness};

/// Where the magnitudes of a family of policies end.
struct Ranges {
  double shear, share, pixels, degrees, colour;  ///< translation: share * side, or pixels when share is 0
  int most_bits, fewer_bits;
};

Ranges ranges_of(PolicyKind kind) {
  if (kind == PolicyKind::trivial) return {0.99, 0, 32, 135, 0.99, 8, 6};
  if (kind == PolicyKind::augmix) return {0.3, 1 / 3.0, 0, 30, 0.9, 4, 4};
  return {0.3, 150.0 / 331.0, 0, 30, 0.9, 8, 4};
}

bool is_signed(Op op) {
  return op >= Op::shear_x && op <= Op::sharpness;
}

bool is_toolbox(PolicyKind kind) {
  return kind >= PolicyKind::toolbox_imagenet;
}

/// torch.linspace in single precision: from both ends towards the middle.
double spaced(double first, double last, int level, int levels) {
  const auto low = static_cast<float>(first), high = static_cast<float>(last);
  const float step = (high - low) / static_cast<float>(levels - 1);
  if (level < levels / 2) return low + step * static_cast<float>(level);
  return high - step * static_cast<float>(levels - level - 1);
}

double translation(const Ranges& ranges, int side) {
  if (ranges.share == 0) return ranges.pixels;
  return ranges.share == 1 / 3.0 ? side / 3.0 : ranges.share * side;
}

double randomly_signed(double value, Rng& rng) {
  return rng.below(2) == 0 ? -value : value;
}

/// torch-toolbox: numpy.linspace's magnitudes; translations are shares of the side; rotations go one way.
double toolbox_magnitude(Op op, int level) {
  const auto up_to = [level](double last) { return last / 9 * level; };
  switch (op) {
    case Op::shear_x:
    case Op::shear_y:
      return level == 9 ? 0.3 : up_to(0.3);
    case Op::translate_x:
    case Op::translate_y:
      return level == 9 ? 150.0 / 331 : up_to(150.0 / 331);
    case Op::rotate:
      return level == 9 ? 30 : up_to(30);
    case Op::posterise:
      return std::nearbyint(8 - 4.0 / 9 * level);
    case Op::solarise:
      return level == 9 ? 0 : 256 - 256.0 / 9 * level;
    case Op::autocontrast:
    case Op::equalise:
    case Op::invert:
    case Op::identity:
      return 0;
    default:
      return level == 9 ? 0.9 : up_to(0.9);
  }
}

/// torch-toolbox's RandAugment: magnitude m of 30 between two ends; `1 + value` and `1 - value` are the colours'
/// factors, so that they may be negative: as published.
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
      return 0;
  }
}

OpStep drawn(PolicyKind kind, Op op, int level, int levels, image::Size size, Rng& rng) {
  const double unsigned_value = magnitude(kind, op, level, levels, size);
  return {op, is_signed(op) ? randomly_signed(unsigned_value, rng) : unsigned_value};
}

OpStep drawn_toolbox(Op op, double value, Rng& rng) {
  return {op, is_signed(op) && op != Op::rotate ? randomly_signed(value, rng) : value};
}

void choose_from_table(PolicyKind kind, image::Size size, Rng& rng, std::vector<OpStep>& steps) {
  const std::span<const SubPolicy> table = sub_policies(kind);
  const SubPolicy& chosen = table[rng.below(table.size())];
  for (const SubOp& sub : {chosen.first, chosen.second}) {
    if (rng.uniform() >= sub.probability) continue;
    const int level = std::max(sub.level, 0);
    steps.push_back(is_toolbox(kind) ? drawn_toolbox(sub.op, toolbox_magnitude(sub.op, level), rng)
                                     : drawn(PolicyKind::imagenet, sub.op, level, kTableLevels, size, rng));
  }
}

OpStep choose_rand(const Policy& policy, image::Size size, Rng& rng) {
  const Op op = kRandOps[rng.below(kRandOps.size())];
  if (is_toolbox(policy.kind)) return drawn_toolbox(op, toolbox_rand_magnitude(op, policy.magnitude), rng);
  return drawn(policy.kind, op, policy.magnitude, kRandLevels, size, rng);
}

/// Weights that sum to 1, all such equally likely: Dirichlet's distribution with all parameters 1.
std::vector<float> random_shares(std::size_t count, Rng& rng) {
  std::vector<double> parts(count);
  double sum = 0;
  for (double& part : parts) {
    part = -std::log(1 - rng.uniform());
    sum += part;
  }
  std::vector<float> shares;
  for (const double part : parts) {
    shares.push_back(static_cast<float>(sum > 0 ? part / sum : 1.0 / static_cast<double>(count)));
  }
  return shares;
}

}  // namespace

const std::vector<std::string>& policy_names() {
  static const std::vector<std::string> names{
      "none",   "imagenet",         "cifar10",         "svhn",         "rand",        "trivial",
      "augmix", "toolbox-imagenet", "toolbox-cifar10", "toolbox-svhn", "toolbox-rand"};
  return names;
}

double magnitude(PolicyKind kind, Op op, int level, int levels, image::Size size) {
  check(level >= 0 && level < levels, "a level lies among the levels");
  const Ranges ranges = ranges_of(kind);
  switch (op) {
    case Op::shear_x:
    case Op::shear_y:
      return spaced(0, ranges.shear, level, levels);
    case Op::translate_x:
      return spaced(0, translation(ranges, size.width), level, levels);
    case Op::translate_y:
      return spaced(0, translation(ranges, size.height), level, levels);
    case Op::rotate:
      return spaced(0, ranges.degrees, level, levels);
    case Op::brightness:
    case Op::colour:
    case Op::contrast:
    case Op::sharpness:
      return spaced(0, ranges.colour, level, levels);
    case Op::posterise: {
      const auto step = static_cast<float>(static_cast<double>(levels - 1) / ranges.fewer_bits);
      return ranges.most_bits - static_cast<double>(std::nearbyint(static_cast<float>(level) / step));
    }
    case Op::solarise:
      return spaced(255, 0, level, levels);
    default:
      return 0;
  }
}

std::vector<OpStep> choose_steps(const Policy& policy, image::Size size, Rng& rng) {
  std::vector<OpStep> steps;
  switch (policy.kind) {
    case PolicyKind::none:
      break;
    case PolicyKind::rand:
    case PolicyKind::toolbox_rand:
      for (int i = 0; i < policy.ops; ++i) steps.push_back(choose_rand(policy, size, rng));
      break;
    case PolicyKind::trivial: {
      const Op op = kRandOps[rng.below(kRandOps.size())];
      const auto level = static_cast<int>(rng.below(kRandLevels));
      steps.push_back(drawn(policy.kind, op, level, kRandLevels, size, rng));
      break;
    }
    case PolicyKind::augmix:
      check(false, "augmix draws chains, not steps");
      break;
    default:
      choose_from_table(policy.kind, size, rng, steps);
  }
  return steps;
}

AugMixChoice choose_augmix(int severity, image::Size size, Rng& rng) {
  constexpr std::size_t kWidth = 3, kDeepest = 3;
  const std::vector<float> halves = random_shares(2, rng);
  AugMixChoice choice{.original = halves[0], .weights = random_shares(kWidth, rng), .chains = {}};
  for (float& weight : choice.weights) weight *= halves[1];
  for (std::size_t i = 0; i < kWidth; ++i) {
    std::vector<OpStep> chain(1 + rng.below(kDeepest));
    for (OpStep& step : chain) {
      const Op op = kAugMixOps[rng.below(kAugMixOps.size())];
      const auto level = static_cast<int>(rng.below(static_cast<std::uint64_t>(severity)));
      step = drawn(PolicyKind::augmix, op, level, kAugMixLevels, size, rng);
    }
    choice.chains.push_back(std::move(chain));
  }
  return choice;
}

image::Image augmix(const image::Image& image, const AugMixChoice& choice) {
  std::vector<float> sums(image.pixels.size());
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = choice.original * static_cast<float>(image.pixels[i]);
  for (std::size_t chain = 0; chain < choice.chains.size(); ++chain) {
    image::Image changed = image;
    for (const OpStep& step : choice.chains[chain]) apply(changed, step, {.filter = image::Filter::bilinear});
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i] += choice.weights[chain] * static_cast<float>(changed.pixels[i]);
    }
  }
  image::Image mixed = image;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    mixed.pixels[i] = static_cast<std::uint8_t>(std::clamp(sums[i], 0.0F, 255.0F));
  }
  return mixed;
}

void augment(image::Image& image, const Policy& policy, Rng& rng) {
  const image::Size size{image.height, image.width};
  if (policy.kind == PolicyKind::augmix) {
    image = augmix(image, choose_augmix(policy.severity, size, rng));
    return;
  }
  for (const OpStep& step : choose_steps(policy, size, rng)) apply(image, step, {.toolbox = is_toolbox(policy.kind)});
}

}  // namespace springbok::data
