// A small JPEG out of the segments of a large one.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "springbok/image/jpeg_segments.h"
#include "springbok/image/region.h"

namespace springbok::image {

/// Writes to `out` a JPEG of those segments that the region needs, with what smooth upsampling reads beside it, and
/// returns where the region lies in it. Any decoder gives the same pixels there as in the whole image. Nothing when the
/// segments are not those of the image, or do not begin and end with its rows of units. Decoded at 1 / `factor` of the
/// size, upsampling reads so many times further.
std::optional<Region> splice_jpeg(std::span<const std::byte> bytes, const JpegSegments& segments, const Region& region,
                                  std::vector<std::byte>& out, int factor = 1);

}  // namespace springbok::image
