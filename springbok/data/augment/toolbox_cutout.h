// torch-toolbox's Cutout: a random rectangle of the 8-bit image, in a random colour.
#pragma once

#include <cstdint>

#include "springbok/data/augment/draws.h"
#include "springbok/image/image.h"

namespace springbok::data {

/// `red`: what it does to a Pillow image, whose colour c it takes for (c, 0, 0); `grey`: to an array; `pixels`: each
/// value at random.
enum class CutoutFill : std::uint8_t { red, grey, pixels };

/// torch-toolbox, transform/transforms.py, Cutout. It reads a Pillow image's width as its height (`swapped`), which a
/// square one does not show. The ratio is height / width.
struct ToolboxCutout {
  double probability = 0.5;
  CutoutFill fill = CutoutFill::red;
  bool swapped = true;
  int low = 0, high = 255;  ///< of the colour; `pixels` never draws `high`
  double share_min = 0.02, share_max = 0.4;
  double ratio_min = 0.4, ratio_max = 2.5;
};

/// Draws whether, where and in which colour. A rectangle larger than the image changes nothing.
void cut_out(image::Image& image, const ToolboxCutout& cutout, Draws draws);

}  // namespace springbok::data
