// Inside the room: a mask as sources give it: class indices of an image's size, from a PNG.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "springbok/data/masks/voc_classes.h"
#include "springbok/image/image.h"
#include "springbok/image/region.h"

namespace springbok::data {

/// Pixels of this index count for nothing, in training and in evaluation.
inline constexpr std::uint8_t kIgnored = 255;

/// The indices that a PNG stores: with a palette, or grey of 8 bits or fewer. Throws Error naming the mask: another
/// format, colours, damage, a size that is not the `image`'s. So it does for an index that is neither one of so many
/// classes nor `kIgnored`, with the place of the first such pixel.
image::Image decode_mask(std::span<const std::byte> png, const std::string& name, image::Size image,
                         std::size_t classes);

}  // namespace springbok::data
