// A region of a plain baseline JPEG, decoded without libjpeg.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "springbok/image/image.h"
#include "springbok/image/jpeg_segments.h"
#include "springbok/image/region.h"

namespace springbok::image {

/// The region's RGB pixels, the same as libjpeg-turbo's slow integer method with smooth upsampling gives. Above and
/// beside the region only the bits are read, and of a file with known `segments` only those of the segments that the
/// region lies in. `reused` lends its memory. Nothing for files that BaselineJpeg does not take, for images smaller
/// than 16 x 16 and regions of more than 8 million pixels. Nor for data that are damaged or end early: libjpeg decodes
/// or refuses all those.
std::optional<Image> decode_baseline_region(std::span<const std::byte> bytes, const Region& region,
                                            const JpegSegments& segments, Image& reused);

}  // namespace springbok::image
