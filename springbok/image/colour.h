// Colour operations as torchvision applies them to Pillow images, bit for bit: brightness, contrast, saturation,
// sharpness, hue.
#pragma once

#include "springbok/image/image.h"

namespace springbok::image {

/// They work in place on 1 (grey), 3 (RGB) or 4 (RGBA, whose alpha stays) channels. Factor 1 changes nothing, 0 gives
/// black (brightness), the mean grey (contrast), the grey image (saturation) or the smoothed one (sharpness); other
/// factors, negative ones too, blend or extrapolate.
void adjust_brightness(Image& image, double factor);
void adjust_contrast(Image& image, double factor);
void adjust_saturation(Image& image, double factor);
void adjust_sharpness(Image& image, double factor);

/// Turns the hue by `turn` of the circle, -0.5 to 0.5, through Pillow's 8-bit HSV: turn 0 may change pixels by 1 or
/// more. Grey images stay. 1 or 3 channels.
void adjust_hue(Image& image, double turn);

}  // namespace springbok::image
