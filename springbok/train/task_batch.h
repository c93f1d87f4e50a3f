// A batch of any task, given to the stepper and counted.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "springbok/data/load/loader.h"
#include "springbok/metrics/tally.h"
#include "springbok/metrics/task.h"
#include "springbok/recipe/feed.h"
#include "springbok/recipe/loss_settings.h"
#include "springbok/train/stepper.h"

namespace springbok::train {

/// Of logits and labels (N,classes), each label from 0 to 1 (a mixture): a scalar, summed over the batch.
using LabelLoss = std::function<at::Tensor(const at::Tensor& logits, const at::Tensor& labels)>;

/// Binary cross-entropy as a mean over the classes; focal and asymmetric loss as their sum; times `label_scale`.
LabelLoss label_loss_for(const recipe::LossSettings& settings);

/// What is minimised. Classes have the stepper's own loss; pixels the mean cross-entropy of those that count
/// (tasks/segment.h).
struct Objective {
  metrics::Task task = {};
  LabelLoss labels = {};
};

/// The batch's place in its step.
struct InStep {
  std::int64_t samples = 1;  ///< of the step
  std::int64_t first = 0;    ///< where the batch's first sample stands in it
};

/// Adds the batch to the step, and returns what it counts. Hits of mixed images count for the larger share. Throws
/// NotFinite, with the step abandoned.
metrics::Tally add_batch(Stepper& stepper, const Objective& objective, const at::Tensor& input,
                         const data::Batch& batch, const recipe::Mixed& mixed, const InStep& place);

}  // namespace springbok::train
