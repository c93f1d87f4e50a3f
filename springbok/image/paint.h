// Masks as people look at them: in colours, over their image, and where they are wrong.
#pragma once

#include <cstdint>
#include <string>

#include "springbok/image/image.h"
#include "springbok/image/palette.h"

namespace springbok::image {

/// The colours of a mask's indices, RGB. Throws Error for an index that the palette does not have.
Image coloured(const Image& mask, const Palette& palette);

/// The image (grey or RGB) with the mask over it, RGB. Each pixel is mixed half and half with its class's colour, and
/// outlines of classes have the colour alone. Pixels of index 0, the ground, and 255 stay as they are. Throws Error for
/// sizes that differ.
Image overlay(const Image& image, const Image& mask, const Palette& palette);

/// Where a predicted mask is wrong, RGB: the image in faint grey, red where the classes differ, and the palette's
/// colour of 255 where the truth is 255. Throws Error for sizes that differ.
Image error_map(const Image& image, const Image& truth, const Image& predicted);

/// `#c08000`, as pages and legends write it.
std::string hex_colour(const Palette& palette, std::uint8_t index);

}  // namespace springbok::image
