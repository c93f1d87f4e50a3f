// A region of an image, as an input's first bytes say.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "springbok/image/region.h"

namespace springbok::fuzz {

constexpr std::int64_t kMostPixels = std::int64_t{1} << 16;  ///< beyond, a run measures patience
constexpr std::size_t kRegion = 4;                           ///< bytes: top, left, height and width in 256ths

inline image::Region region_of(std::span<const std::byte> bytes, image::Size size) {
  const auto part = [&](std::size_t at, int of) { return std::to_integer<int>(bytes[at]) * of / 256; };
  const int top = part(0, size.height), left = part(1, size.width);
  return {top, left, std::min(1 + part(2, size.height), size.height - top),
          std::min(1 + part(3, size.width), size.width - left)};
}

}  // namespace springbok::fuzz
