// Inside the room: whether Pillow opens a JPEG, which it asks of the markers itself before libjpeg sees them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "springbok/image/region.h"

namespace springbok::image {

/// What Pillow takes from the frame header that stands last before the first scan.
struct OpenedJpeg {
  Size size;
  int components = 0;
};

/// Nothing for files that Pillow's walk over the markers does not take, though libjpeg might. These have unknown
/// markers between the known ones, notes of JFIF, Adobe or a colour profile that end early, components other than 1, 3
/// and 4.
std::optional<OpenedJpeg> open_as_pillow(std::span<const std::byte> bytes);

}  // namespace springbok::image
