// The pace of a run: how an epoch's images fall into batches and steps.
#pragma once

#include <cstdint>

#include "springbok/graph/graph.h"
#include "springbok/recipe/recipe.h"

namespace springbok::recipe {

/// A step takes `accumulate` batches. The last step of an epoch takes the batches that are left, and the last batch the
/// images that are left. `drop_last` leaves that batch out, `drop_last_step` a step that is not full. The loss of a
/// step is the mean over all its images.
struct Pace {
  std::int64_t batch = 1, accumulate = 1;
  std::int64_t images_per_epoch = 0, batches_per_epoch = 0, steps_per_epoch = 0;
  std::int64_t images_per_step = 0;  ///< of a full step
  bool summed = false;               ///< a step's gradient is the sum of its batches' means
  std::int64_t left_over = 0;        ///< batches that `drop_last_step` leaves out: they move running statistics alone

  std::int64_t batches_in_step(std::int64_t step_in_epoch) const;
  std::int64_t images_in_step(std::int64_t step_in_epoch) const;
  /// What a batch's losses are divided by.
  std::int64_t images_in_mean(std::int64_t step_in_epoch) const;
};

Pace pace_of(const Recipe& recipe, std::int64_t images);

/// Throws UsageError for a size of training images that the network cannot take, with its reason.
void check_training_sizes(const graph::Graph& graph, const Recipe& recipe);

/// Where pixels are scored: throws UsageError for a network that does not score each pixel of training images.
void check_outputs(const graph::Graph& graph, const Recipe& recipe);

/// Throws UsageError when an epoch's last batch, or a rank's share of one, is one image and a normalisation layer
/// would see a single value: it has no variance.
void check_last_batch(const graph::Graph& graph, const Recipe& recipe, std::int64_t images, int ranks = 1);

}  // namespace springbok::recipe
