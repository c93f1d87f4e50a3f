// EXIF: how an image says that it wants to be turned.
#pragma once

#include <cstddef>
#include <span>

namespace springbok::image {

/// The orientation that an encoded image asks for, 1 (as it is stored) to 8. Found as Pillow's `exif_transpose` finds
/// it: in EXIF (JPEG's APP1, PNG's eXIf, WebP's EXIF), else in XMP (JPEG, WebP). 1 where nothing is said or what is
/// said is broken; never throws.
int exif_orientation(std::span<const std::byte> encoded);

}  // namespace springbok::image
