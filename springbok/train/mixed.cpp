// Drawing what a step's batches are mixed with.
#include "springbok/train/mixed.h"

namespace springbok::train {

Mixed mix_batch(data::Batch& batch, const recipe::Recipe& recipe, std::int64_t epoch, std::int64_t step_in_epoch) {
  if (!recipe.mix.any()) return {};
  Rng rng(static_cast<std::uint64_t>(recipe.seed),
          {fnv1a64("mix"), static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(step_in_epoch)});
  const data::MixChoice choice = data::choose_mix(recipe.mix, {batch.height, batch.width}, rng);
  return {.partners = data::mix(batch, choice), .share = choice.share};
}

}  // namespace springbok::train
