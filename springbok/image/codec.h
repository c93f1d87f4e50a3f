// Inside the room: one pair of functions a format; `decode` and `probe` choose among them by content.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "springbok/image/decode.h"

namespace springbok::image {

using Bytes = std::span<const std::byte>;

ImageInfo probe_jpeg(Bytes bytes, const std::string& name);
ImageInfo probe_png(Bytes bytes, const std::string& name);
ImageInfo probe_webp(Bytes bytes, const std::string& name);
ImageInfo probe_bmp(Bytes bytes, const std::string& name);
ImageInfo probe_pnm(Bytes bytes, const std::string& name);
ImageInfo probe_tiff(Bytes bytes, const std::string& name);
ImageInfo probe_gif(Bytes bytes, const std::string& name);

/// 1 or 3 channels, whichever is nearer to what is stored; the caller converts.
Image decode_jpeg(Bytes bytes, int channels, const std::string& name, const OnDamage& damaged);
/// Likewise; throws Error when `region` does not lie inside the image.
Part decode_jpeg_part(Bytes bytes, const Region& region, int channels, const std::string& name, Image reused,
                      const JpegSegments& segments, const OnDamage& damaged);
/// At 1 / `factor` of the size; the part's region is that of the whole pixels that hold the region asked for.
Part decode_jpeg_reduced(Bytes bytes, const Region& region, int factor, int channels, const std::string& name,
                         Image reused, const JpegSegments& segments, const OnDamage& damaged);
Image decode_png(Bytes bytes, const std::string& name);
Image decode_webp(Bytes bytes, const std::string& name);
Image decode_bmp(Bytes bytes, const std::string& name);
Image decode_pnm(Bytes bytes, const std::string& name);
Image decode_tiff(Bytes bytes, const std::string& name);
Image decode_gif(Bytes bytes, const std::string& name);

/// Throws Error for a region that is not all in an image of this size: who chose it was told another one.
void check_region(const Region& region, Size size, const std::string& name);

/// Throws Error for an image with no pixels, too many, or far more than `bytes` could describe.
void check_size(std::int64_t height, std::int64_t width, std::size_t bytes, const std::string& name);

}  // namespace springbok::image
