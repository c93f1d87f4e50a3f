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
/// torch-toolbox, which ModelZoo.pytorch trains with. `timm_rand`: timm's `rand-...-inc1`, whose magnitude is of 10.
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
  timm_rand
};

/// `none`, `imagenet`, ..., `toolbox-rand`, in the order above.
const std::vector<std::string>& policy_names();

struct Policy {
  PolicyKind kind = PolicyKind::none;
  int ops = 2;             ///< rand: operations an image
  int magnitude = 9;       ///< rand: 0 to 30
  int severity = 3;        ///< augmix: 1 to 10
  double probability = 1;  ///< toolbox_rand: of anything; timm_rand: of each operation
  double deviation = 0;    ///< timm_rand: standard deviation of the magnitude
  image::Fill fill = {};   ///< timm_rand: what is left outside
};

/// One operation of a learned sub-policy: its probability, and which of ten magnitudes (-1: it has none).
struct SubOp {
  Op op;
  double probability;
  int level;
};
using SubPolicy = std::pair<SubOp, SubOp>;
/// The 25 sub-policies of `imagenet`, `cifar10` or `svhn`.
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
/// timm's part of it (timm, data/auto_augment.py, RandAugment).
std::vector<OpStep> choose_timm_steps(const Policy& policy, Draws draws);
/// How a policy's operations are applied.
OpStyle style_of(const Policy& policy);

/// AugMix's draw: weights of the original and of the chains of operations.
struct AugMixChoice {
  float original = 1;
  std::vector<float> weights;
  std::vector<std::vector<OpStep>> chains;
};
AugMixChoice choose_augmix(int severity, image::Size size, Draws draws);

/// The weighted sum of the image and of what each chain makes of it, cut to whole numbers. The operations are Pillow's
/// with the bilinear filter, as in the paper's program; torchvision runs its tensor operations, whose pixels differ.
image::Image augmix(const image::Image& image, const AugMixChoice& choice);

/// Draws and applies.
void augment(image::Image& image, const Policy& policy, Draws draws);

}  // namespace springbok::data
