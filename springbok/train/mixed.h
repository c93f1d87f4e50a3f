// Mixing a batch as the recipe says.
#pragma once

#include <cstdint>
#include <vector>

#include "springbok/data/load/loader.h"
#include "springbok/recipe/recipe.h"
#include "springbok/tasks/classify.h"

namespace springbok::train {

/// What the images of a batch were mixed with.
struct Mixed {
  std::vector<std::int64_t> partners;  ///< classes; empty when nothing was mixed
  double share = 1;                    ///< that each image kept

  tasks::MixedTargets targets(const data::Batch& batch) const {
    return {.targets = batch.targets, .partners = partners, .share = share};
  }
};

/// Mixes the batch as the recipe's mixup and cutmix say. What is drawn depends on seed, epoch and the number of the
/// step in it only: batches of one step, and the shares of all ranks, are mixed as one batch would be.
Mixed mix_batch(data::Batch& batch, const recipe::Recipe& recipe, std::int64_t epoch, std::int64_t step_in_epoch);

}  // namespace springbok::train
