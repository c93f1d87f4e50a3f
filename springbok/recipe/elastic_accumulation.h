// Fewer devices than a recipe was written for, as allenai/elastic's --num-gpus makes up for them.
#pragma once

#include <cstdint>

namespace springbok::recipe {

/// What a run on `gpus` devices is told, and what it becomes on fewer. A step has N micro-batches. Each gives the
/// gradient of its own mean loss, and these are summed: the learning rate is divided by N, the weight decay multiplied.
/// So weights move as with one big batch, but for batch norms. Momentum is N times that of one big batch, and clipping
/// would see N times the gradient.
///
/// A step's batches are those of one epoch. What is left after the last N is computed, moves the running statistics,
/// and is thrown away (`Stepper::discard`).
struct ElasticAccumulation {
  std::int64_t micro_batches = 1;  ///< N, a step's
  std::int64_t batch = 1;          ///< images of a micro-batch
  double lr_factor = 1;            ///< 1 / N
  double decay_factor = 1;         ///< N

  /// Of an epoch of so many images, whose last incomplete micro-batch is left out.
  std::int64_t micro_batches_per_epoch(std::int64_t images) const { return images / batch; }
  std::int64_t steps_per_epoch(std::int64_t images) const { return micro_batches_per_epoch(images) / micro_batches; }
};

/// Whether `batch` is that of all devices together (classify.py, multilabel_classify.py), or of each process
/// (docker_classify.py, which does not divide it).
enum class ElasticBatch : std::uint8_t { whole, each };

/// N = gpus / devices, rounded down. Throws UsageError where there are more devices than `gpus`, and for a batch that
/// is smaller than N.
ElasticAccumulation elastic_accumulation(std::int64_t gpus, std::int64_t devices, std::int64_t batch,
                                         ElasticBatch counts = ElasticBatch::whole);

}  // namespace springbok::recipe
