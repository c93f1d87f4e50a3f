// Images whose pixels are classified, on tensors: the loss, the predicted masks, and what a batch adds to the tally.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

#include "springbok/metrics/pixel_tally.h"

namespace springbok::tasks {

/// A batch's masks as (N,H,W) uint8. Throws Error for another number of pixels.
at::Tensor mask_tensor(std::span<const std::uint8_t> masks, at::IntArrayRef sizes);

/// The loss summed over the pixels that count, and how many these are.
struct PixelLoss {
  at::Tensor sum;
  std::int64_t counted = 0;
};

/// Cross-entropy of scores (N,classes,H,W), float or double (logits, or their log-softmax: the same number), with masks
/// (N,H,W) uint8, where 255 counts for nothing and has no gradient. Throws Error for other types and shapes, and for a
/// mask with a class that there is not.
PixelLoss pixel_loss(const at::Tensor& scores, const at::Tensor& masks);

/// The mean over the batch's pixels that count, times its images; 0 where no pixel counts. Divided by the images of a
/// step of one batch it is the mean that allenai/elastic trains with (segment.py).
at::Tensor pixel_loss_sum(const at::Tensor& scores, const at::Tensor& masks);

/// The first class of the largest score: (N,classes,H,W) -> (N,H,W) uint8. 255 where a score is not finite.
at::Tensor predicted_masks(const at::Tensor& scores);

/// What the batch adds.
metrics::PixelTally pixel_tally(const at::Tensor& scores, const at::Tensor& masks, double loss_sum);
/// The same of masks that are predicted already, (N,H,W) uint8.
metrics::PixelTally pixel_tally(const at::Tensor& predicted, const at::Tensor& masks, std::int64_t classes,
                                double loss_sum);

}  // namespace springbok::tasks
