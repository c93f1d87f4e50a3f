// Segmentation: the same crop, scale and flip for an image and its mask, as Elastic trains and evaluates.
#pragma once

#include <cstdint>

#include "springbok/base/rng.h"
#include "springbok/data/augment/transform.h"
#include "springbok/image/image.h"
#include "springbok/image/warp.h"

namespace springbok::data {

/// The class that counts for nothing: what is padded, and what the labels leave open.
inline constexpr std::uint8_t kIgnored = 255;

/// An image (3 channels) and its mask (1 channel of class indices), of one size.
struct Labelling {
  image::Image image;
  image::Image mask;
};

/// What is drawn. Both are scaled by `scale` and perhaps mirrored. They are padded below and on the right up to the
/// crop's size (the image with the mean colour, the mask with 255), and cut at (top, left).
struct JointChoice {
  double scale = 1;
  bool flip = false;
  int top = 0, left = 0;
};

struct JointAugment {
  int crop = 513;                         ///< height and width of the result
  double scale_min = 0.5, scale_max = 2;  ///< log-uniform
  double flip = 0.5;
};

/// The size that a side of `size` has after scaling: rounded down, at least 1.
int scaled_side(int size, double scale);

JointChoice choose_joint(const JointAugment& augment, image::Size size, Rng& rng);

/// The image is resized with Pillow's antialiased bilinear filter, the mask with the nearest one; both keep their
/// pixels at scale 1. `fill` is the image's padding, one value a channel.
Labelling apply_joint(const Labelling& labelling, const JointChoice& choice, int crop, const image::Fill& fill,
                      image::PassOrder order = image::PassOrder::pillow12);

/// Evaluation at native size: padded below and on the right to `size` x `size` at least, never scaled.
Labelling pad_to(const Labelling& labelling, int size, const image::Fill& fill);

/// The mean colour in whole pixels, as a fill.
image::Fill mean_colour(const Preprocess& preprocess);

}  // namespace springbok::data
