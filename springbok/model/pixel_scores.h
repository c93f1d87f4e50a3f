// Scores of an image's pixels at its own size: over scales, mirror images and windows.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "springbok/model/views.h"

namespace springbok::model {

/// `native`: images at their own size, padded to sides that the network takes; the metrics are of the image alone.
/// `elastic`: each image padded on all sides to the training crop, or cut to it, as allenai/elastic evaluates
/// (segment.py); there is one pass.
enum class Protocol : std::uint8_t { native, elastic };
const std::vector<std::string>& protocol_names();

/// What scores are made of. Of each scale, and its mirror image where `Views` says so, the scores are brought back to
/// the image's size; their mean is taken.
struct PixelViews {
  Protocol protocol = Protocol::native;
  std::vector<double> scales = std::vector<double>(1, 1.0);  // GCC 12 warns of `{1}` in aggregates
  std::int64_t window = 0;  ///< side of the windows that larger images are cut into; 0: whole images
};

/// The side that `side` is padded to: the next one that leaves the same rest by 32, the network's largest stride, as
/// the side of its training crops. So 500 becomes 513 for crops of 513, and 512 for crops of 512.
std::int64_t padded_side(std::int64_t side, std::int64_t crop);

/// (N,C,H,W) -> (N,classes,H,W), without gradients, on the host. Images are scaled bilinearly (pixels' middles, without
/// antialiasing), and scores back likewise. Padding is 0, the mean colour, below and on the right. Windows overlap by a
/// third; where they do, the mean of their scores is taken. With `TtaMean::probabilities` the result is the logarithm
/// of mean probabilities. `crop`: the side of training crops. Throws Error where the network's output has another size.
at::Tensor pixel_scores(const engine::Executor& executor, const engine::State& state, data::Batch& batch,
                        Precision precision, const Views& views, const PixelViews& pixels, std::int64_t crop);

/// For people: `native size, padded to sides of 1 more than multiples of 32`, scales, mirrors and windows.
std::string to_text(const PixelViews& pixels, const Views& views, std::int64_t crop);

}  // namespace springbok::model
