// Classification on tensors: the best classes, and what they add to the metrics.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "springbok/metrics/class_tally.h"
#include "springbok/metrics/prediction.h"
#include "springbok/tasks/cross_entropy.h"
#include "springbok/tasks/targets.h"

namespace springbok::tasks {

/// The k best classes of each row, best first, ties as torch.topk breaks them. k is cut to the number of classes. A row
/// with a score that is no number or infinite has no best class, and is never counted as right.
struct Best {
  std::int64_t rows = 0, k = 0;
  std::vector<std::int64_t> classes;  ///< rows * k
  std::vector<double> probabilities;  ///< softmax over all classes, rows * k
  std::vector<char> finite;           ///< whether all scores of a row are numbers

  std::span<const std::int64_t> row(std::int64_t i) const {
    return std::span(classes).subspan(static_cast<std::size_t>(i * k), static_cast<std::size_t>(k));
  }
};
Best best_classes(const at::Tensor& logits, std::int64_t k);

/// A row's best classes by name, best first; `names` are the network's outputs.
std::vector<metrics::Guess> guesses_of(const Best& best, std::int64_t row, const std::vector<std::string>& names);

/// The first row whose scores are not all finite; `rows` when there is none.
std::int64_t first_not_finite(const Best& best);

/// Top-1 and top-5 hits (the first and all of torch.topk of five) and the summed loss of one batch.
metrics::ClassTally sums_of(const at::Tensor& logits, std::span<const std::int64_t> targets, double loss_sum);
metrics::ClassTally sums_of(const Best& best, std::span<const std::int64_t> targets, double loss_sum);

/// Adds one batch to per-class counts (one entry a class).
void count_classes(const Best& best, std::span<const std::int64_t> targets, std::vector<metrics::ClassCount>& counts);

}  // namespace springbok::tasks
