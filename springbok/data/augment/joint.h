// Segmentation: the same scale, flip, padding and crop for an image and its mask, in training and in evaluation.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "springbok/base/rng.h"
#include "springbok/data/augment/transform.h"
#include "springbok/image/image.h"
#include "springbok/image/normalise.h"
#include "springbok/image/warp.h"

namespace springbok::data {

/// The class that counts for nothing: what is padded, and what the labels leave open.
inline constexpr std::uint8_t kIgnored = 255;

/// An image (3 channels) and its mask (1 channel of class indices), of one size.
struct Labelling {
  image::Image image;
  image::Image mask;
};

/// `plain`: sides are cut to whole pixels, the image is scaled bilinearly, then mirrored. It is padded below and on the
/// right. `elastic` is allenai/elastic's form (utils.py, preprocess). Sides are rounded, halves to even. The image is
/// mirrored, then scaled by Lanczos. Each side is padded by floor((1 + crop - side) / 2). So there may be a row or a
/// column more than the crop takes, and the place of the crop decides which is lost.
enum class JointForm : std::uint8_t { plain, elastic };
const std::vector<std::string>& joint_form_names();

struct JointAugment {
  image::Size crop = {513, 513};          ///< of the result
  double scale_min = 0.5, scale_max = 2;  ///< log-uniform
  double flip = 0.5;
  JointForm form = JointForm::plain;
};
/// Throws Error for a mask of another size than its image, and for what is no mask.
void expect_fitting(const Labelling& labelling);

/// Neither scaled nor mirrored.
inline JointAugment only_cropped(image::Size crop, JointForm form) {
  return {.crop = crop, .scale_min = 1, .scale_max = 1, .flip = 0, .form = form};
}

/// Uniform numbers in [0, 1). `row` and `column` 0: the crop begins at the first row and column.
struct JointDraws {
  double flip = 0, scale = 0, row = 0, column = 0;
};
JointDraws draw_joint(Rng& rng);

/// What they choose. The image and its mask are scaled, mirrored, padded, and cut at (top, left).
struct JointChoice {
  double scale = 1;
  bool flip = false;
  int top = 0, left = 0;  ///< within what is padded
};
/// Throws UsageError for settings that cannot be.
JointChoice choose_joint(const JointAugment& augment, image::Size size, const JointDraws& draws);

/// The size that a side of `size` has after scaling, at least 1.
int scaled_side(int size, double scale, JointForm form = JointForm::plain);

/// Scaled and mirrored, as Pillow's filters do it; the mask takes the nearest pixel. Scale 1 keeps the pixels. Throws
/// Error for a mask of another size than its image.
Labelling joint_scaled(const Labelling& labelling, const JointChoice& choice, JointForm form,
                       image::PassOrder order = image::PassOrder::pillow12);

/// A crop, and where in it the scaled image lies.
struct JointCrop {
  Labelling labelling = {};
  image::Size size = {};                ///< of the scaled image
  int padded_top = 0, padded_left = 0;  ///< rows above and columns left of it, before the cut
  int top = 0, left = 0;                ///< of the cut

  /// The part of the crop that shows the image, the rest is padding.
  image::Region content() const;
};

/// Where the crop of an image of that size lies; of its mask the size alone, no pixels.
JointCrop place_joint(image::Size size, const JointChoice& choice, const JointAugment& augment);

/// `fill` is the image's padding, one value a channel; the mask's is 255.
JointCrop apply_joint(const Labelling& labelling, const JointChoice& choice, const JointAugment& augment,
                      const image::Fill& fill, image::PassOrder order = image::PassOrder::pillow12);

/// The crop's floats (H,W,C), normalised; padding is 0, the mean colour exactly.
std::vector<float> normalised(const JointCrop& crop, const image::Normaliser& normaliser);

/// Evaluation at native size: padded below and on the right to `size` x `size` at least, never scaled.
Labelling pad_to(const Labelling& labelling, int size, const image::Fill& fill);

/// A prediction for a crop (1 channel, its size) brought back to the scaled image's size; what the crop did not show is
/// 255.
image::Image cut_back(const image::Image& prediction, const JointCrop& crop);

/// The same as allenai/elastic writes it (segment.py): rows and columns of the cut are swapped, so that the mask is off
/// by a pixel where they differ. A larger image than the crop gives what Python's slices leave: fewer rows or columns,
/// or an empty image.
image::Image cut_back_swapped(const image::Image& prediction, const JointCrop& crop);

/// The mean colour in whole pixels, as a fill.
image::Fill mean_colour(const Preprocess& preprocess);

}  // namespace springbok::data
