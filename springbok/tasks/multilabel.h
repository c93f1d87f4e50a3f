// Images with any number of labels, on tensors: the loss, and what a batch adds to the tally.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

#include "springbok/metrics/label_tally.h"

namespace springbok::tasks {

/// A batch's labels (base/label_sizes.h), images*classes, as (images,classes) uint8. Throws Error where they do not
/// make rows.
at::Tensor label_tensor(std::span<const std::uint8_t> labels, std::int64_t images);

/// Binary cross-entropy: for each image its mean over the classes, times `scale`; summed over the batch. logits
/// (N,classes) float or double; labels (N,classes) uint8, a class is present where it is not 0 -> scalar.
/// allenai/elastic (multilabel_classify.py) trains with a scale of 80, the number of COCO's classes, and validates with
/// 1. Throws Error for other types and shapes.
at::Tensor label_loss_sum(const at::Tensor& logits, const at::Tensor& labels, double scale);

/// What the batch adds: a label is given where the logit is above 0. `labels` may say sizes (base/label_sizes.h).
/// With `keep_scores` the logits are kept in single precision.
metrics::LabelTally label_tally(const at::Tensor& logits, const at::Tensor& labels, double loss_sum, bool keep_scores);

}  // namespace springbok::tasks
