// How well the outlines of a predicted mask follow the true ones: the boundary F-score.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace springbok::metrics {

/// Of the image's diagonal: how far an outline may be off (Csurka et al., BMVC 2013, sec. 2.2).
inline constexpr double kBoundaryTolerance = 0.0075;

/// A mask of true classes and the one predicted, (height, width) row-major. 255 is no class; where the truth is 255 the
/// prediction counts as 255 too.
struct MaskPair {
  std::span<const std::uint8_t> truth, predicted;
  int height = 0, width = 0;
};

/// The F-score of each class in one image; nothing for a class that has no outline in either mask.
///
/// A class's outline are its pixels that have one of another class, or of none, above, below, left or right of them;
/// the image's edge is no outline. Precision is the share of the predicted outline that is at most `tolerance` times
/// the diagonal sqrt(H^2 + W^2) away from a pixel of the true outline, between pixels' centres. Recall is the same
/// with truth and prediction swapped. F = 2 P R / (P + R), and 0 where only one of the masks has an outline. Csurka et
/// al. 2013 score so by class and image; pixels that do not count are taken from both masks as DAVIS does (Perazzi et
/// al., CVPR 2016, measures/f_boundary.py). Throws Error for lengths that do not fit.
std::vector<std::optional<double>> boundary_scores(const MaskPair& masks, std::int64_t classes,
                                                   double tolerance = kBoundaryTolerance);

}  // namespace springbok::metrics
