// Colour operations as torchvision applies them to Pillow images, bit for bit: brightness, contrast, saturation, hue.
#pragma once

#include "springbok/image/image.h"

namespace springbok::image {

/// All of them work in place on 1 (grey) or 3 (RGB) channels. Factor 1 changes nothing, 0 gives black (brightness), the
/// mean grey (contrast) or the grey image (saturation); other factors blend or extrapolate. Factors are >= 0.
void adjust_brightness(Image& image, double factor);
void adjust_contrast(Image& image, double factor);
void adjust_saturation(Image& image, double factor);

/// Turns the hue by `turn` of the circle, -0.5 to 0.5, through Pillow's 8-bit HSV: turn 0 may change pixels by 1 or
/// more. Grey images stay.
void adjust_hue(Image& image, double turn);

}  // namespace springbok::image
