// Transforms: crop and change an image, then normalise it.
#include "springbok/data/augment/transform.h"

#include <algorithm>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/data/augment/joint.h"
#include "springbok/image/exif.h"
#include "springbok/image/expect.h"
#include "springbok/image/geometry.h"
#include "springbok/image/scratch.h"

namespace springbok::data {
namespace {

thread_local image::Scratch decoded;
thread_local image::Scratch result;

image::Size size_of(const image::Image& image) {
  return {image.height, image.width};
}

CropLimits limits_of(const Augment& a) {
  return {a.scale_min, a.scale_max, a.ratio_min, a.ratio_max};
}

JitterStrength strength_of(const Augment& a) {
  return {a.brightness, a.contrast, a.saturation, a.hue};
}

Augment no_augmentation() {
  Augment augment;
  augment.crop = Crop::none;
  augment.flip = 0;
  return augment;
}

Preprocess valid(Preprocess preprocess) {
  validate(preprocess, "preprocessing");
  return preprocess;
}

}  // namespace

Transform::Transform(Preprocess preprocess) : Transform(std::move(preprocess), no_augmentation()) {
  train_ = false;
}

Transform::Transform(Preprocess preprocess, Augment augment)
    : preprocess_(valid(std::move(preprocess))),
      augment_(std::move(augment)),
      train_(true),
      policy_(policy_of(augment_, mean_colour(preprocess_))),
      normalise_(preprocess_.mean, preprocess_.std),
      shorter_(shorter_side(preprocess_)) {
  validate(augment_, "augmentation");
}

void Transform::operator()(const image::Image& input, Rng rng, float* output, StageTimes* times) const {
  Laps laps(times);
  image::expect_whole(input, "a transform");
  expect_channels(input.channels);
  if (changes(input)) {
    const image::Image image = drawn(input, rng, laps);
    normalise_(image, output);
  } else {
    normalise_(input, output);
  }
  laps.end(Stage::normalise);
  erase_some(output, rng);
  laps.end(Stage::augment);
}

void Transform::operator()(const image::Encoded& input, Rng rng, float* output, StageTimes* times) const {
  Laps laps(times);
  const image::Upright upright(input, preprocess_.exif == Exif::apply ? image::exif_orientation(input.bytes()) : 1);
  if (!train_ || augment_.crop != Crop::resized) {
    const image::Image whole = upright.whole();
    laps.end(Stage::decode);
    return (*this)(whole, rng, output, times);
  }
  expect_channels(input.channels());
  const image::Region region = random_region(upright.size(), limits_of(augment_), rng);
  const bool flip = flips(rng);
  image::Image image = cropped(upright, region, flip, laps);
  change(image, rng);
  laps.end(Stage::augment);
  normalise_(image, output);
  laps.end(Stage::normalise);
  result.give_back(std::move(image));
  erase_some(output, rng);
  laps.end(Stage::augment);
}

void Transform::expect_channels(int channels) const {
  if (channels == preprocess_.channels) return;
  fail("the image has {} channels, the preprocessing takes {}; decode it so, or image::to_channels", channels,
       preprocess_.channels);
}

/// The largest reduction that leaves a region of at least the output's size; 1 for none.
int Transform::reduction(const image::Region& region) const {
  if (augment_.decode != Decode::fast) return 1;
  for (const int factor : {8, 4, 2}) {
    if (std::min(region.height, region.width) >= factor * preprocess_.size) return factor;
  }
  return 1;
}

image::Image Transform::cropped(const image::Upright& input, const image::Region& region, bool flip, Laps& laps) const {
  if (const int factor = reduction(region); factor > 1) {
    if (auto reduced = input.reduced(region, factor, decoded.take())) {
      image::ResizeOptions options = to_size(flip);
      options.box = reduced->box;
      laps.end(Stage::decode);
      image::Image image = image::resize(reduced->pixels, options, result.take());
      decoded.give_back(std::move(reduced->pixels));
      laps.end(Stage::resize);
      return image;
    }
  }
  image::Part part = input.part(region, decoded.take());
  laps.end(Stage::decode);
  image::Image image = resized(part.pixels, part.region, flip, result.take());
  decoded.give_back(std::move(part.pixels));
  laps.end(Stage::resize);
  return image;
}

bool Transform::changes(const image::Image& input) const {
  const int size = preprocess_.size;
  return train_ || (preprocess_.fit == Fit::crop && shorter_ != size) || input.height != size || input.width != size;
}

image::Image Transform::pixels(const image::Image& input, Rng rng) const {
  Laps unmeasured(nullptr);
  return drawn(input, rng, unmeasured);
}

image::Image Transform::drawn(const image::Image& input, Rng& rng, Laps& laps) const {
  image::expect_whole(input, "a transform");
  expect_channels(input.channels);
  image::Image image;
  if (!train_) {
    image = central(input, false);
  } else if (augment_.crop == Crop::resized) {
    const image::Region region = random_region(size_of(input), limits_of(augment_), rng);
    image = resized(input, region, flips(rng), {});
  } else if (augment_.crop == Crop::pad) {
    image = padded(input, rng);
    if (flips(rng)) image = image::flip_horizontally(image);
  } else {
    image = central(input, flips(rng));
  }
  laps.end(Stage::resize);
  if (train_) change(image, rng);
  laps.end(Stage::augment);
  return image;
}

void Transform::change(image::Image& image, Rng& rng) const {
  if (augment_.rotation > 0) {
    const auto most = static_cast<float>(augment_.rotation);
    rotate(image, Draws(rng).uniform_float(-most, most));
  }
  augment(image, policy_, rng);
  const JitterStrength strength = strength_of(augment_);
  if (strength.any()) jitter(image, strength, choose_jitter(strength, rng));
  if (augment_.toolbox_cutout > 0) {
    cut_out(image,
            {.probability = augment_.toolbox_cutout,
             .fill = augment_.toolbox_cutout_fill,
             .low = static_cast<int>(augment_.toolbox_cutout_low),
             .high = static_cast<int>(augment_.toolbox_cutout_high)},
            rng);
  }
}

void Transform::erase_some(float* output, Rng& rng) const {
  const image::Size size{preprocess_.size, preprocess_.size};
  if (augment_.cutout > 0) {
    const auto y = static_cast<int>(rng.below(static_cast<std::uint64_t>(size.height)));
    const auto x = static_cast<int>(rng.below(static_cast<std::uint64_t>(size.width)));
    erase(output, size, preprocess_.channels, cutout_at(size, static_cast<int>(augment_.cutout), y, x));
  }
  erase_at_random(output, size, preprocess_.channels,
                  erasing_of(augment_.random_erasing, augment_.erasing_form, augment_.erasing_fill), rng);
}

bool Transform::flips(Rng& rng) const {
  return rng.uniform() < augment_.flip;
}

image::Image Transform::central(const image::Image& input, bool flip) const {
  if (preprocess_.fit == Fit::squash) return image::resize(input, to_size(flip));
  const image::Size size = image::shorter_side_to(size_of(input), shorter_);
  const image::Region window = image::centre(size, {preprocess_.size, preprocess_.size});
  return image::resize(input, {.height = size.height,
                               .width = size.width,
                               .filter = preprocess_.interpolation,
                               .order = preprocess_.resampler,
                               .window = window,
                               .flip = flip});
}

image::ResizeOptions Transform::to_size(bool flip) const {
  return {.height = preprocess_.size,
          .width = preprocess_.size,
          .filter = preprocess_.interpolation,
          .order = preprocess_.resampler,
          .crop = {},
          .box = {},
          .window = {},
          .flip = flip};
}

image::Image Transform::resized(const image::Image& input, const image::Region& region, bool flip,
                                image::Image reused) const {
  image::ResizeOptions options = to_size(flip);
  options.crop = region;
  return image::resize(input, options, std::move(reused));
}

image::Image Transform::padded(const image::Image& input, Rng& rng) const {
  const int border = static_cast<int>(augment_.pad), size = preprocess_.size;
  const int free_rows = input.height + 2 * border - size, free_columns = input.width + 2 * border - size;
  if (free_rows < 0 || free_columns < 0) {
    fail("an image of {} x {} padded by {} is smaller than the crop of {}; raise pad, lower size or use crop = resized",
         input.height, input.width, border, size);
  }
  const auto top = static_cast<int>(rng.below(static_cast<std::uint64_t>(free_rows) + 1));
  const auto left = static_cast<int>(rng.below(static_cast<std::uint64_t>(free_columns) + 1));
  return image::crop(image::pad(input, {border, border, border, border}), {top, left, size, size});
}

}  // namespace springbok::data
