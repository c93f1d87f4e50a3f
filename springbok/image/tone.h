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

/// Adds `addend` to the values below `threshold`, up to 255 (Cubuk et al. 2020's SolarizeAdd).
void solarise_add(Image& image, int addend, double threshold);

/// Adds `addend` to all values, 0 to 255, and then solarises: torch-toolbox's SolarizeAdd.
void add_and_solarise(Image& image, int addend, double threshold);

/// Spreads the values so that all occur about equally often.
void equalise(Image& image);

/// Stretches the values to 0 ... 255, after cutting off `cutoff` percent of the pixels at each end, 0 to below 50.
void autocontrast(Image& image, double cutoff = 0);

}  // namespace springbok::image
