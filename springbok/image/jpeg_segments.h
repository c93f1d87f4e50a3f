// A JPEG cut into parts that can be decoded each alone: what `pack_jpeg` writes and decoders begin at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "springbok/image/region.h"

namespace springbok::image {

/// Where the parts between restart markers lie. Empty when that is not known.
struct JpegSegments {
  int units = 0;                       ///< units (MCUs) of each but the last
  std::span<const std::byte> lengths;  ///< bytes of each with the marker behind it: 16 bits, the low byte first

  bool empty() const { return lengths.size() < 2 || units < 1; }
  int count() const { return static_cast<int>(lengths.size() / 2); }
  std::size_t length(int segment) const {
    const std::size_t at = 2 * static_cast<std::size_t>(segment);
    return std::to_integer<std::size_t>(lengths[at]) | std::to_integer<std::size_t>(lengths[at + 1]) << 8;
  }
};

/// What the header of a JPEG in one scan says of its units, and where the coded data begin.
struct JpegLayout {
  Size size;
  int unit_height = 0, unit_width = 0;  ///< pixels
  int per_row = 0, rows = 0;            ///< units
  std::size_t size_at = 0;              ///< offset of the height, 16 bits, and of the width behind it; high byte first
  std::size_t data_at = 0;              ///< offset of the first coded byte

  bool subsampled_across() const { return unit_width > 8; }
  bool subsampled_down() const { return unit_height > 8; }
};

/// Nothing when the header is damaged or ends early. The data may be of any kind.
std::optional<JpegLayout> jpeg_layout(std::span<const std::byte> bytes);

}  // namespace springbok::image
