// From a recipe to loaders and mixtures.
#include "springbok/recipe/feed.h"

namespace springbok::recipe {

namespace {

/// The other partners are of the batch itself.
bool mixes_with_previous(const Recipe& recipe, std::int64_t epoch) {
  return recipe.mix.in_epoch(epoch) && recipe.mix.partner == data::MixPartner::previous;
}

data::Preprocess preprocess_of_side(const Recipe& recipe, std::int64_t side) {
  data::Preprocess preprocess = recipe.preprocess;
  preprocess.size = static_cast<int>(side);
  return preprocess;
}

data::JitterStrength colours_of(const data::Augment& a) {
  return {a.brightness, a.contrast, a.saturation, a.hue};
}

}  // namespace

std::int64_t training_size(const Recipe& recipe, std::int64_t epoch) {
  return training_size(recipe.progressive, full_training_size(recipe), recipe.epochs, epoch);
}

data::SampleTransform training_samples(const Recipe& recipe, std::int64_t epoch) {
  if (recipe.task != TaskChoice::segment) return training_transform(recipe, epoch);
  const data::Preprocess preprocess = preprocess_of_side(recipe, training_size(recipe, epoch));
  return data::PixelTransform(preprocess,
                              {.crop = {preprocess.size, preprocess.size},
                               .scale_min = recipe.joint.scale_min,
                               .scale_max = recipe.joint.scale_max,
                               .flip = recipe.augment.flip,
                               .form = recipe.joint.form},
                              colours_of(recipe.augment));
}

data::SampleTransform evaluation_samples(const Recipe& recipe) {
  if (recipe.task == TaskChoice::segment) return data::PixelTransform(recipe.preprocess);
  return evaluation_transform(recipe);
}

data::Transform training_transform(const Recipe& recipe) {
  return {preprocess_of_side(recipe, full_training_size(recipe)), recipe.augment};
}

data::Transform training_transform(const Recipe& recipe, std::int64_t epoch) {
  return {preprocess_of_side(recipe, training_size(recipe, epoch)), recipe.augment};
}

data::Transform evaluation_transform(const Recipe& recipe) {
  return data::Transform(recipe.preprocess);
}

data::LoaderSettings loader_settings(const Recipe& recipe, const Pace& pace, std::int64_t epoch,
                                     std::int64_t step_in_epoch) {
  return {.batch = recipe.batch_size,
          .workers = static_cast<int>(recipe.workers),
          .seed = static_cast<std::uint64_t>(recipe.seed),
          .epoch = epoch,
          .first_batch = step_in_epoch * pace.accumulate,
          .shuffle = true,
          .sampler = recipe.sampler,
          .drop_last = recipe.drop_last || recipe.drop_last_step,
          .repeats = recipe.repeat_augment,
          .shuffle_buffer = recipe.shuffle_buffer,
          .mix_over = mixes_with_previous(recipe, epoch) ? pace.images_per_step : 0,
          .skip_bad = recipe.on_bad_image == data::OnBadImage::skip};
}

std::int64_t first_in_step(const data::Batch& batch, const Pace& pace, std::int64_t step_in_epoch) {
  return batch.first - step_in_epoch * pace.images_per_step;
}

Mixed mix_batch(data::Batch& batch, const Recipe& recipe, std::int64_t epoch, std::int64_t step_in_epoch) {
  if (!recipe.mix.in_epoch(epoch)) return {};
  const auto seed = static_cast<std::uint64_t>(recipe.seed), in_epoch = static_cast<std::uint64_t>(epoch);
  Rng rng(seed, {fnv1a64("mix"), in_epoch, static_cast<std::uint64_t>(step_in_epoch)});
  const auto stream_of = [&](std::int64_t image) {
    return Rng(seed, {fnv1a64("mix of an image"), in_epoch, static_cast<std::uint64_t>(batch.first + image)});
  };
  const data::MixChoice choice = data::choose_mix(recipe.mix, {batch.height, batch.width}, batch.size, rng, stream_of);
  Mixed mixed{
      .partners = data::mix(batch, choice), .share = choice.share, .labels = data::partner_labels(batch, choice)};
  for (const data::ImageMix& each : choice.each) mixed.shares.push_back(each.share);
  return mixed;
}

}  // namespace springbok::recipe
