// Blurring, as Pillow's BoxBlur and GaussianBlur: means of windows along rows, then along columns.
#pragma once

#include "springbok/image/image.h"

namespace springbok::image {

/// The mean of the pixels up to `radius` (>= 0, may be a fraction) away, `passes` times along rows, then along columns;
/// edge pixels repeat outside. Any number of channels, alpha like the others.
Image box_blur(const Image& image, float radius, int passes = 1);

/// Three box blurs that come close to a Gaussian of standard deviation `radius` (>= 0).
Image gaussian_blur(const Image& image, float radius);

/// Pillow's SMOOTH filter: 3 x 3, the middle weighs 5 of 13. Pixels at the edges stay, and so do images with a side
/// under 3.
Image smooth(const Image& image);

}  // namespace springbok::image
