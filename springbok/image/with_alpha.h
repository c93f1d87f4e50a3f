// PNGs with their alpha, which `decode` drops.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "springbok/image/image.h"

namespace springbok::image {

/// The pixels of a PNG as RGBA, equal to Pillow's `convert('RGBA')`; alpha is 255 where the file has none. Of 16 bits
/// the upper byte is taken. Throws Error naming `name` for other formats and for damage, as `decode` does.
Image decode_with_alpha(std::span<const std::byte> bytes, const std::string& name);

}  // namespace springbok::image
