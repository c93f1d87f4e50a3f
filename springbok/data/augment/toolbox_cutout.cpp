// torch-toolbox's Cutout.
#include "springbok/data/augment/toolbox_cutout.h"

#include <array>
#include <cmath>
#include <utility>

#include "springbok/image/region.h"

namespace springbok::data {

void cut_out(image::Image& image, const ToolboxCutout& cutout, Draws draws) {
  if (draws.uniform() >= cutout.probability) return;
  image::Size read{image.height, image.width};
  if (cutout.swapped) std::swap(read.height, read.width);
  const double area = draws.uniform(cutout.share_min, cutout.share_max) * read.height * read.width;
  const double ratio = draws.uniform(cutout.ratio_min, cutout.ratio_max);
  const auto width = static_cast<int>(std::sqrt(area / ratio)), height = static_cast<int>(std::sqrt(area * ratio));
  if (width > read.width || height > read.height) return;
  const auto up_to = [&](int most) { return static_cast<int>(draws.below(static_cast<std::uint64_t>(most) + 1)); };
  const int left = up_to(read.width - width), top = up_to(read.height - height);
  const int span = cutout.high - cutout.low;
  const bool noise = cutout.fill == CutoutFill::pixels;
  const auto colour = static_cast<std::uint8_t>(noise ? 0 : cutout.low + up_to(span));
  const std::uint8_t rest = cutout.fill == CutoutFill::red ? 0 : colour;
  for (int y = top; y < top + height; ++y) {
    for (int x = left; x < left + width; ++x) {
      for (int c = 0; c < image.channels; ++c) {
        const auto value = noise ? static_cast<std::uint8_t>(cutout.low + draws.below(static_cast<std::uint64_t>(span)))
                           : c == 0 ? colour
                                    : rest;
        if (y < image.height && x < image.width) image.row(y)[x * image.channels + c] = value;
      }
    }
  }
}

}  // namespace springbok::data
