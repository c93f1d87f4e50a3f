// Mixing the images of a batch with their neighbours: mixup (Zhang et al. 2018) and CutMix (Yun et al. 2019), as
// torchvision's v2 transforms do.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "springbok/base/rng.h"
#include "springbok/data/load/loader.h"
#include "springbok/image/region.h"

namespace springbok::data {

/// Parameters of Beta(alpha, alpha), from which the share is drawn; 0 leaves that kind out. With both, each draw is
/// one of them, either with probability 1/2.
struct MixSettings {
  double mixup = 0, cutmix = 0;
  bool any() const { return mixup > 0 || cutmix > 0; }
};

/// What was drawn: `share` of each image stays. Mixup adds the rest of the image before it (the first one takes the
/// batch's `previous`, or without one its last). CutMix copies that image's `box`, and `share` is what the box leaves.
struct MixChoice {
  double share = 1;
  std::optional<image::Region> box = {};
};

/// The region of CutMix for that share and that middle, cut at the edges, and the share that it really leaves.
MixChoice cutmix_choice(image::Size image, double share, int y, int x);

MixChoice choose_mix(const MixSettings& settings, image::Size image, Rng& rng);

/// Mixes the pixels. Returns the class of the image that each one was mixed with: the loss is
/// share * loss(targets) + (1 - share) * loss(partners), which is that of the mixed one-hot targets.
std::vector<std::int64_t> mix(Batch& batch, const MixChoice& choice);

/// One draw of Beta(alpha, alpha), alpha > 0.
double beta(double alpha, Rng& rng);

}  // namespace springbok::data
