// Joint transforms of image and mask.
#include "springbok/data/augment/joint.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/image/expect.h"
#include "springbok/image/geometry.h"

namespace springbok::data {
namespace {

using image::Image;

void check_fits(const Labelling& labelling) {
  image::expect_whole(labelling.image, "a labelled image");
  image::expect_channels(labelling.mask, {1}, "a mask");
  if (labelling.image.height != labelling.mask.height || labelling.image.width != labelling.mask.width) {
    fail("a mask of {} x {} does not fit its image of {} x {}", labelling.mask.height, labelling.mask.width,
         labelling.image.height, labelling.image.width);
  }
}

/// At least so many rows and columns, the new ones below and on the right, filled channel by channel.
Image padded(const Image& image, int height, int width, const image::Fill& fill) {
  if (image.height >= height && image.width >= width) return image;
  Image out(std::max(image.height, height), std::max(image.width, width), image.channels);
  for (std::size_t i = 0; i < out.pixels.size(); ++i) out.pixels[i] = fill[i % static_cast<std::size_t>(out.channels)];
  for (int y = 0; y < image.height; ++y) std::copy_n(image.row(y), image.stride(), out.row(y));
  return out;
}

Image prepared(const Image& image, image::Size size, image::Filter filter, image::PassOrder order, bool flip) {
  return image::resize(image,
                       {.height = size.height, .width = size.width, .filter = filter, .order = order, .flip = flip});
}

}  // namespace

int scaled_side(int size, double scale) {
  return std::max(1, static_cast<int>(size * scale));
}

JointChoice choose_joint(const JointAugment& augment, image::Size size, Rng& rng) {
  const bool valid = augment.scale_min > 0 && augment.scale_min <= augment.scale_max && augment.crop > 0;
  if (!valid) {
    fail_usage("scales from {} to {} and a crop of {}: they must be above 0 and in order", augment.scale_min,
               augment.scale_max, augment.crop);
  }
  JointChoice choice;
  choice.scale = std::exp(rng.uniform(std::log(augment.scale_min), std::log(augment.scale_max)));
  choice.flip = rng.uniform() < augment.flip;
  const auto place = [&](int side) {
    const int free = std::max(0, scaled_side(side, choice.scale) - augment.crop);
    return static_cast<int>(rng.below(static_cast<std::uint64_t>(free) + 1));
  };
  choice.top = place(size.height);
  choice.left = place(size.width);
  return choice;
}

Labelling apply_joint(const Labelling& labelling, const JointChoice& choice, int crop, const image::Fill& fill,
                      image::PassOrder order) {
  check_fits(labelling);
  const image::Size size{scaled_side(labelling.image.height, choice.scale),
                         scaled_side(labelling.image.width, choice.scale)};
  const Labelling scaled{prepared(labelling.image, size, image::Filter::bilinear, order, choice.flip),
                         prepared(labelling.mask, size, image::Filter::nearest, order, choice.flip)};
  const Labelling whole = pad_to(scaled, crop, fill);
  const image::Region window{choice.top, choice.left, crop, crop};
  return {image::crop(whole.image, window), image::crop(whole.mask, window)};
}

Labelling pad_to(const Labelling& labelling, int size, const image::Fill& fill) {
  check_fits(labelling);
  return {padded(labelling.image, size, size, fill), padded(labelling.mask, size, size, {kIgnored})};
}

image::Fill mean_colour(const Preprocess& preprocess) {
  image::Fill fill{};
  for (std::size_t c = 0; c < preprocess.mean.size() && c < fill.size(); ++c) {
    fill[c] = static_cast<std::uint8_t>(std::clamp(std::lround(255 * preprocess.mean[c]), 0L, 255L));
  }
  return fill;
}

}  // namespace springbok::data
