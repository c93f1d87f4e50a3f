// How a training's batches are made: the one place that turns a recipe and a place in the run into loaders, random
// streams and mixtures.
#pragma once

#include <cstdint>
#include <vector>

#include "springbok/data/augment/transform.h"
#include "springbok/data/load/loader.h"
#include "springbok/recipe/pace.h"
#include "springbok/recipe/recipe.h"

namespace springbok::recipe {

/// The side of an epoch's training images, epochs from 0: `train_size` or `size`, or on the way there.
std::int64_t training_size(const Recipe& recipe, std::int64_t epoch);

/// What loaders are given: of images alone, or with their masks. The recipe must be resolved.
data::SampleTransform training_samples(const Recipe& recipe, std::int64_t epoch);
data::SampleTransform evaluation_samples(const Recipe& recipe);

/// Of images alone.
data::Transform training_transform(const Recipe& recipe);  ///< of the full size
data::Transform training_transform(const Recipe& recipe, std::int64_t epoch);
data::Transform evaluation_transform(const Recipe& recipe);

/// Of an epoch's training images, from this step on.
data::LoaderSettings loader_settings(const Recipe& recipe, const Pace& pace, std::int64_t epoch,
                                     std::int64_t step_in_epoch);

/// Where a batch's first image stands in its step: the name of its random streams inside the network, whatever batches
/// and ranks the step is split into.
std::int64_t first_in_step(const data::Batch& batch, const Pace& pace, std::int64_t step_in_epoch);

/// What the images of a batch were mixed with.
struct Mixed {
  std::vector<std::int64_t> partners = {};  ///< classes; empty when nothing was mixed
  double share = 1;                         ///< that each image kept
  std::vector<double> shares = {};          ///< of each image where they are mixed apart
  std::vector<std::uint8_t> labels = {};    ///< of images with labels, size*classes
};

/// Mixes the batch as the recipe's mixup and cutmix say. What is drawn depends on seed, epoch and the number of the
/// step in it only; of images that are mixed apart also on their place in the epoch. So batches of one step, and the
/// shares of all ranks, are mixed as one batch would be.
Mixed mix_batch(data::Batch& batch, const Recipe& recipe, std::int64_t epoch, std::int64_t step_in_epoch);

}  // namespace springbok::recipe
