// Viewing (N,H,W,C) pixels as a channels-last tensor.
#include "springbok/train/batch.h"

#include <ATen/ops/from_blob.h>

namespace springbok::train {

at::Tensor input_tensor(data::Batch& batch) {
  const std::int64_t c = batch.channels, h = batch.height, w = batch.width;
  return at::from_blob(batch.pixels.data(), {batch.size, c, h, w}, {h * w * c, 1, w * c, c}, at::kFloat);
}

Mixed mix_batch(data::Batch& batch, const Recipe& recipe, std::int64_t epoch, std::int64_t step_in_epoch) {
  if (!recipe.mix.any()) return {};
  Rng rng(static_cast<std::uint64_t>(recipe.seed),
          {fnv1a64("mix"), static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(step_in_epoch)});
  const data::MixChoice choice = data::choose_mix(recipe.mix, {batch.height, batch.width}, rng);
  return {.partners = data::mix(batch, choice), .share = choice.share};
}

}  // namespace springbok::train
