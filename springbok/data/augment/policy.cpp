// Drawing operations and magnitudes.
#include "springbok/data/augment/policy.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "springbok/base/error.h"

namespace springbok::data {
namespace {

constexpr int kTableLevels = 10, kRandLevels = 31, kAugMixLevels = 10;

/// torchvision's order, from which RandAugment and TrivialAugment draw.
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

bool is_toolbox(PolicyKind kind) {
  return kind >= PolicyKind::toolbox_imagenet && kind <= PolicyKind::toolbox_rand;
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

double randomly_signed(double value, Draws draws) {
  return draws.below(2) == 0 ? -value : value;
}

OpStep drawn(PolicyKind kind, Op op, int level, int levels, image::Size size, Draws draws) {
  const double unsigned_value = magnitude(kind, op, level, levels, size);
  return {op, is_signed(op) ? randomly_signed(unsigned_value, draws) : unsigned_value};
}

OpStep drawn_toolbox(Op op, double value, Draws draws) {
  return {op, is_signed(op) && op != Op::rotate ? randomly_signed(value, draws) : value};
}

void choose_from_table(PolicyKind kind, image::Size size, Draws draws, std::vector<OpStep>& steps) {
  const std::span<const SubPolicy> table = sub_policies(kind);
  const SubPolicy& chosen = table[draws.below(table.size())];
  for (const SubOp& sub : {chosen.first, chosen.second}) {
    if (draws.uniform() >= sub.probability) continue;
    const int level = std::max(sub.level, 0);
    steps.push_back(is_toolbox(kind) ? drawn_toolbox(sub.op, toolbox_magnitude(sub.op, level), draws)
                                     : drawn(PolicyKind::imagenet, sub.op, level, kTableLevels, size, draws));
  }
}

OpStep choose_rand(const Policy& policy, image::Size size, Draws draws) {
  const Op op = kRandOps[draws.below(kRandOps.size())];
  return drawn(policy.kind, op, policy.magnitude, kRandLevels, size, draws);
}

/// All operations are drawn first; each then draws whether it is applied, which it always is.
void choose_toolbox_rand(const Policy& policy, Draws draws, std::vector<OpStep>& steps) {
  if (draws.uniform() >= policy.probability) return;
  const std::span<const Op> all = toolbox_rand_ops();
  std::vector<Op> ops;
  for (int i = 0; i < policy.ops; ++i) ops.push_back(all[draws.below(all.size())]);
  for (const Op op : ops) {
    draws.uniform();
    steps.push_back(drawn_toolbox(op, toolbox_rand_magnitude(op, policy.magnitude), draws));
  }
}

/// Weights that sum to 1, all such equally likely: Dirichlet's distribution with all parameters 1.
std::vector<float> random_shares(std::size_t count, Draws draws) {
  std::vector<double> parts(count);
  double sum = 0;
  for (double& part : parts) {
    part = -std::log(1 - draws.uniform());
    sum += part;
  }
  std::vector<float> shares;
  for (const double part : parts) {
    shares.push_back(static_cast<float>(sum > 0 ? part / sum : 1.0 / static_cast<double>(count)));
  }
  return shares;
}

/// As it is given, or drawn.
std::size_t chain_length(int depth, Draws draws) {
  constexpr std::uint64_t kDeepest = 3;
  return depth > 0 ? static_cast<std::size_t>(depth) : 1 + draws.below(kDeepest);
}

}  // namespace

const std::vector<std::string>& policy_names() {
  static const std::vector<std::string> names{
      "none",          "imagenet",         "cifar10",         "svhn",         "rand",         "trivial",
      "augmix",        "toolbox-imagenet", "toolbox-cifar10", "toolbox-svhn", "toolbox-rand", "timm-rand",
      "timm-original", "timm-originalr",   "timm-v0",         "timm-v0r",     "timm-3a",      "timm-augmix"};
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

std::vector<OpStep> choose_steps(const Policy& policy, image::Size size, Draws draws) {
  std::vector<OpStep> steps;
  switch (policy.kind) {
    case PolicyKind::none:
      break;
    case PolicyKind::toolbox_rand:
      choose_toolbox_rand(policy, draws, steps);
      break;
    case PolicyKind::timm_rand:
    case PolicyKind::timm_original:
    case PolicyKind::timm_originalr:
    case PolicyKind::timm_v0:
    case PolicyKind::timm_v0r:
    case PolicyKind::timm_3a:
      return choose_timm_steps(policy, draws);
    case PolicyKind::rand:
      for (int i = 0; i < policy.ops; ++i) steps.push_back(choose_rand(policy, size, draws));
      break;
    case PolicyKind::trivial: {
      const Op op = kRandOps[draws.below(kRandOps.size())];
      const auto level = static_cast<int>(draws.below(kRandLevels));
      steps.push_back(drawn(policy.kind, op, level, kRandLevels, size, draws));
      break;
    }
    case PolicyKind::augmix:
    case PolicyKind::timm_augmix:
      check(false, "augmix draws chains, not steps");
      break;
    default:
      choose_from_table(policy.kind, size, draws, steps);
  }
  return steps;
}

OpStyle style_of(const Policy& policy) {
  if (is_timm(policy.kind)) return {.form = OpForm::timm, .fill = policy.fill};
  return {.form = is_toolbox(policy.kind) ? OpForm::toolbox : OpForm::torchvision};
}

AugMixChoice choose_augmix(int severity, image::Size size, Draws draws, int width, int depth) {
  const std::vector<float> halves = random_shares(2, draws);
  AugMixChoice choice{
      .original = halves[0], .weights = random_shares(static_cast<std::size_t>(width), draws), .chains = {}};
  for (float& weight : choice.weights) weight *= halves[1];
  for (int i = 0; i < width; ++i) {
    std::vector<OpStep> chain(chain_length(depth, draws));
    for (OpStep& step : chain) {
      const Op op = kAugMixOps[draws.below(kAugMixOps.size())];
      const auto level = static_cast<int>(draws.below(static_cast<std::uint64_t>(severity)));
      step = drawn(PolicyKind::augmix, op, level, kAugMixLevels, size, draws);
    }
    choice.chains.push_back(std::move(chain));
  }
  return choice;
}

AugMixChoice choose_timm_augmix(const Policy& policy, Draws draws) {
  AugMixChoice choice{
      .original = 0, .weights = random_shares(static_cast<std::size_t>(policy.width), draws), .chains = {}};
  choice.mixed = static_cast<float>(draws.uniform());  // Beta(1, 1)
  for (int i = 0; i < policy.width; ++i) {
    choice.chains.push_back(choose_timm_chain(policy, chain_length(policy.depth, draws), draws));
  }
  return choice;
}

namespace {

/// Of the image by `original`, and of what each chain makes of it.
image::Image weighted_sum(const image::Image& image, float original, const AugMixChoice& choice, const OpStyle& style) {
  std::vector<float> sums(image.pixels.size());
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = original * static_cast<float>(image.pixels[i]);
  for (std::size_t chain = 0; chain < choice.chains.size(); ++chain) {
    image::Image changed = image;
    for (const OpStep& step : choice.chains[chain]) apply(changed, step, style);
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

}  // namespace

image::Image augmix(const image::Image& image, const AugMixChoice& choice) {
  return weighted_sum(image, choice.original, choice, {.filter = image::Filter::bilinear});
}

image::Image timm_augmix(const image::Image& image, const AugMixChoice& choice, const OpStyle& style) {
  image::Image mixed = weighted_sum(image, 0, choice, style);
  for (std::size_t i = 0; i < mixed.pixels.size(); ++i) {
    const auto own = static_cast<int>(image.pixels[i]);
    const float blended = static_cast<float>(own) + choice.mixed * static_cast<float>(mixed.pixels[i] - own);
    mixed.pixels[i] = static_cast<std::uint8_t>(std::clamp(blended, 0.0F, 255.0F));
  }
  return mixed;
}

void augment(image::Image& image, const Policy& policy, Draws draws) {
  const image::Size size{image.height, image.width};
  if (policy.kind == PolicyKind::augmix) {
    image = augmix(image, choose_augmix(policy.severity, size, draws, policy.width, policy.depth));
    return;
  }
  const OpStyle style = style_of(policy);
  if (policy.kind == PolicyKind::timm_augmix) {
    image = timm_augmix(image, choose_timm_augmix(policy, draws), style);
    return;
  }
  for (const OpStep& step : choose_steps(policy, size, draws)) apply(image, step, style);
}

}  // namespace springbok::data
