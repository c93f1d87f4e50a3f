// Binary cross-entropy: each class is asked for by itself.
#pragma once

#include <ATen/core/Tensor.h>

namespace springbok::tasks {

struct BinaryCrossEntropyOptions {
  double threshold = -1;     ///< targets become 1 above it, else 0; -1: as they are
  bool sum_classes = false;  ///< a row's loss is the sum over its classes, not their mean
  double pos_weight = 1;     ///< of the part of classes that are there
};

/// timm's BinaryCrossEntropy (Wightman et al. 2021, sec. 3.1): torch's binary_cross_entropy_with_logits with soft
/// targets. logits, soft (N,classes) -> a loss a row (N). With `sum_classes` it is torch-toolbox's SigmoidCrossEntropy,
/// and Elastic's loss over 80 classes.
at::Tensor binary_cross_entropy(const at::Tensor& logits, const at::Tensor& soft,
                                const BinaryCrossEntropyOptions& options = {});

}  // namespace springbok::tasks
