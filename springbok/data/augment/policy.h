// Augmentation policies: which operations are drawn for an image, and with which magnitudes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "springbok/base/rng.h"
#include "springbok/data/augment/image_op.h"
#include "springbok/image/region.h"

namespace springbok::data {

/// Cubuk et al., "AutoAugment" (2019), three learned tables; "RandAugment" (2020); Müller and Hutter, "TrivialAugment"
/// (2021, the wide space); Hendrycks et al., "AugMix" (2020): as torchvision defines them. `toolbox_...`: the forms of
/// torch-toolbox, which ModelZoo.pytorch trains with.
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
  toolbox_rand
};

/// `none`, `imagenet`, ..., `toolbox-rand`, in the order above.
const std::vector<std::string>& policy_names();

struct Policy {
  PolicyKind kind = PolicyKind::none;
  int ops = 2;        ///< rand: operations an image
  int magnitude = 9;  ///< rand: 0 to 30
  int severity = 3;   ///< augmix: 1 to 10
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

/// What is drawn for one image of a policy other than augmix.
std::vector<OpStep> choose_steps(const Policy& policy, image::Size size, Rng& rng);

/// AugMix's draw: weights of the original and of the chains of operations.
struct AugMixChoice {
  float original = 1;
  std::vector<float> weights;
  std::vector<std::vector<OpStep>> chains;
};
AugMixChoice choose_augmix(int severity, image::Size size, Rng& rng);

/// The weighted sum of the image and of what each chain makes of it, cut to whole numbers. The operations are Pillow's
/// with the bilinear filter, as in the paper's program; torchvision runs its tensor operations, whose pixels differ.
image::Image augmix(const image::Image& image, const AugMixChoice& choice);

/// Draws and applies.
void augment(image::Image& image, const Policy& policy, Rng& rng);

}  // namespace springbok::data
