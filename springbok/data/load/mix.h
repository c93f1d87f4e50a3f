// Mixing the images of a batch with others of it: mixup (Zhang et al. 2018) and CutMix (Yun et al. 2019). They are
// torchvision's v2 transforms, or take the forms of timm and torch-toolbox.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "springbok/base/rng.h"
#include "springbok/data/load/loader.h"
#include "springbok/image/region.h"

namespace springbok::data {

/// Which image each one is mixed with: the one before it in the step, as torchvision. Or that of the batch turned
/// round, as timm and torch-toolbox; or of the batch in random order, as the papers.
enum class MixPartner : std::uint8_t { previous, flipped, permuted };
/// What an image keeps of its class under CutMix: what the box leaves of its area, or the share as it was drawn.
enum class CutmixShare : std::uint8_t { area, drawn };
/// A box of odd sides loses a row or a column (the paper, torchvision, torch-toolbox), or keeps it (timm).
enum class CutmixBox : std::uint8_t { even, odd };

/// For whom is drawn: a step's images all alike (torchvision, torch-toolbox, timm's `batch`), each by itself (timm's
/// `elem`), or each image and its mirror in the batch (`pair`). The middle one of an odd batch is then not mixed.
enum class MixMode : std::uint8_t { batch, elem, pair };

const std::vector<std::string>& mix_mode_names();
const std::vector<std::string>& mix_partner_names();
const std::vector<std::string>& cutmix_share_names();
const std::vector<std::string>& cutmix_box_names();

/// `mixup` and `cutmix` are parameters of Beta(alpha, alpha), from which the share is drawn; 0 leaves that kind out.
struct MixSettings {
  double mixup = 0, cutmix = 0;
  double prob = 1;           ///< that a step is mixed at all
  double cutmix_odds = 0.5;  ///< with both kinds on: that a step that is mixed takes CutMix
  MixMode mode = MixMode::batch;
  MixPartner partner = MixPartner::previous;
  CutmixShare share = CutmixShare::area;
  CutmixBox box = CutmixBox::even;
  double box_min = 0, box_max = 0;  ///< each side's share of the image, drawn between these; 0: as the share says
  std::int64_t off_epoch = 0;       ///< the first epoch, counted from 0, that mixes nothing; 0: all mix

  bool any() const { return mixup > 0 || cutmix > 0; }
  bool in_epoch(std::int64_t epoch) const { return any() && (off_epoch == 0 || epoch < off_epoch); }
};

/// The probability of each kind.
struct MixOdds {
  double mixup = 0, cutmix = 0, none = 1;
};
MixOdds mix_odds(const MixSettings& settings);

/// What was drawn for one image of those that are mixed apart.
struct ImageMix {
  double share = 1;
  std::optional<image::Region> box = {};
};

/// What was drawn: `share` of each image's class stays. Mixup adds 1 - share of the partner's pixels, CutMix copies
/// the partner's `box`.
struct MixChoice {
  double share = 1;
  std::optional<image::Region> box = {};
  /// Of each image, its place in the batch; empty: the image before it (of the first one the batch's `previous`, or
  /// without one its last).
  std::vector<std::int64_t> partners = {};
  bool mixed = true;
  std::vector<ImageMix> each = {};  ///< where images are mixed apart: of each; `share` and `box` say nothing then
};

/// The region of CutMix for that share and that middle, cut at the edges, and the share that it leaves.
MixChoice cutmix_choice(image::Size image, double share, int y, int x, CutmixBox box = CutmixBox::even,
                        CutmixShare kept = CutmixShare::area);

/// A region whose sides are drawn apart, timm's `cutmix_minmax`: each from `box_min` to below `box_max` of the image's
/// side, and where the region lies whole. What it leaves is the share.
MixChoice cutmix_box_choice(const MixSettings& settings, image::Size image, Rng& rng);

/// A batch's draw. Those of one step are mixed alike where `rng` is the same.
MixChoice choose_mix(const MixSettings& settings, image::Size image, std::int64_t images, Rng& rng);

/// A batch's draw in any mode. `stream_of` has a stream for each image of the batch, by which those that are mixed
/// apart are drawn: of a pair that of the first one.
MixChoice choose_mix(const MixSettings& settings, image::Size image, std::int64_t images, Rng& rng,
                     const std::function<Rng(std::int64_t image)>& stream_of);

/// Mixes the pixels. Returns the class of the image that each one was mixed with: the loss is
/// share * loss(targets) + (1 - share) * loss(partners), which is that of the mixed one-hot targets. Of images with
/// labels, nothing. Throws Error for a batch with masks.
std::vector<std::int64_t> mix(Batch& batch, const MixChoice& choice);

/// The labels of the images that those of a batch are mixed with, size*classes; nothing where none are mixed.
std::vector<std::uint8_t> partner_labels(const Batch& batch, const MixChoice& choice);

/// One draw of Beta(alpha, alpha), alpha > 0.
double beta(double alpha, Rng& rng);

}  // namespace springbok::data
