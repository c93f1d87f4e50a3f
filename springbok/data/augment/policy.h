// Augmentation policies: which operations are drawn for an image, and with which magnitudes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "springbok/data/augment/draws.h"
#include "springbok/data/augment/image_op.h"
#include "springbok/image/region.h"

namespace springbok::data {

/// Cubuk et al., "AutoAugment" (2019), three learned tables; "RandAugment" (2020); Müller and Hutter, "TrivialAugment"
/// (2021, the wide space); Hendrycks et al., "AugMix" (2020): as torchvision defines them. `toolbox_...`: the forms of
/// torch-toolbox, which ModelZoo.pytorch trains with. `timm_...`: timm's, whose magnitudes are of 10: its `rand-...`,
/// its AutoAugment policies of those names and its `augmix-...`.
enum class PolicyKind : std::uint8_t {
  none,
  imagenet,
  cifar10,
  svhn,
  rand,
  trivial,
  augmix,
  toolbox_imagenet,
  toolbox_cifar10,
  toolbox_svhn,
  toolbox_rand,
  timm_rand,
  timm_original,
  timm_originalr,
  timm_v0,
  timm_v0r,
  timm_3a,
  timm_augmix
};

/// `none`, `imagenet`, ..., `toolbox-rand`, in the order above.
const std::vector<std::string>& policy_names();

struct Policy {
  PolicyKind kind = PolicyKind::none;
  int ops = 2;             ///< rand: operations an image
  int magnitude = 9;       ///< rand: 0 to 30
  int severity = 3;        ///< augmix: 1 to 10
  double probability = 1;  ///< toolbox_rand: of anything; timm_rand: of each operation
  double deviation = 0;    ///< timm: standard deviation of the magnitude; above 100: any up to it, alike
  bool increasing = true;  ///< timm_rand: operations all grow stronger with it (`inc1`)
  int most = 10;           ///< timm_rand: largest magnitude that is drawn (`mmax`)
  int width = 3;           ///< augmix: chains
  int depth = 0;           ///< augmix: operations of a chain; 0: 1 to 3, drawn for each
  image::Fill fill = {};   ///< timm: what is left outside
};

/// Whether it is one of timm's.
inline bool is_timm(PolicyKind kind) {
  return kind >= PolicyKind::timm_rand;
}

/// One operation of a learned sub-policy: its probability, and which of ten magnitudes (-1: it has none).
struct SubOp {
  Op op;
  double probability;
  int level;
};
using SubPolicy = std::pair<SubOp, SubOp>;
/// The 25 sub-policies of `imagenet`, `cifar10`, `svhn` or timm's v0.
std::span<const SubPolicy> sub_policies(PolicyKind kind);

/// The magnitude of a level, unsigned, for an image of that size; torchvision's ranges with so many levels, 0 for
/// operations without one. Kinds: `imagenet` (all three tables), `rand`, `trivial`, `augmix`.
double magnitude(PolicyKind kind, Op op, int level, int levels, image::Size size);

/// The magnitude of one of torch-toolbox's ten levels: of its tables, unsigned.
double toolbox_magnitude(Op op, int level);
/// That of its RandAugment at m of 30. Colours' factors are 1 + it and 1 - it, and may be negative: as published.
double toolbox_rand_magnitude(Op op, int m);
/// The operations that torch-toolbox's RandAugment draws from, in its order.
std::span<const Op> toolbox_rand_ops();

/// What is drawn for one image of a policy other than augmix.
std::vector<OpStep> choose_steps(const Policy& policy, image::Size size, Draws draws);
/// timm's part of it (timm, data/auto_augment.py, RandAugment and AutoAugment).
std::vector<OpStep> choose_timm_steps(const Policy& policy, Draws draws);
/// A chain of timm's AugMix.
std::vector<OpStep> choose_timm_chain(const Policy& policy, std::size_t length, Draws draws);
/// How a policy's operations are applied.
OpStyle style_of(const Policy& policy);

/// AugMix's draw: weights of the original and of the chains of operations.
struct AugMixChoice {
  float original = 1;
  float mixed = 1;  ///< timm's: the mixture's share of the result
  std::vector<float> weights;
  std::vector<std::vector<OpStep>> chains;
};
AugMixChoice choose_augmix(int severity, image::Size size, Draws draws, int width = 3, int depth = 0);
/// timm's draw (AugMixAugment, not blended).
AugMixChoice choose_timm_augmix(const Policy& policy, Draws draws);

/// The weighted sum of the image and of what each chain makes of it, cut to whole numbers. The operations are Pillow's
/// with the bilinear filter, as in the paper's program; torchvision runs its tensor operations, whose pixels differ.
image::Image augmix(const image::Image& image, const AugMixChoice& choice);
/// As timm: the chains' weighted sum is cut to whole numbers, then blended with the image as Pillow blends.
image::Image timm_augmix(const image::Image& image, const AugMixChoice& choice, const OpStyle& style);

/// Draws and applies.
void augment(image::Image& image, const Policy& policy, Draws draws);

}  // namespace springbok::data
