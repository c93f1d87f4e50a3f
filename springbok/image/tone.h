// Operations on pixel values by table, as Pillow's ImageOps: invert, posterise, solarise, equalise, autocontrast.
#pragma once

#include "springbok/image/image.h"

namespace springbok::image {

/// All of them work in place on 1 (grey) or 3 (RGB) channels, each channel by itself.

/// Every value v becomes 255 - v.
void invert(Image& image);

/// Keeps the `bits` highest bits of each value, 0 to 8.
void posterise(Image& image, int bits);

/// Inverts the values that are not below `threshold`.
void solarise(Image& image, double threshold);

/// Spreads the values so that all occur about equally often.
void equalise(Image& image);

/// Stretches the values to 0 ... 255, after cutting off `cutoff` percent of the pixels at each end, 0 to below 50.
void autocontrast(Image& image, double cutoff = 0);

}  // namespace springbok::image
