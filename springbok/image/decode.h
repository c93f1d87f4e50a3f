// Decoding: encoded bytes (JPEG, PNG, WebP, BMP, PNM, TIFF, GIF) to pixels, equal to Pillow's `convert('RGB')` or
// `convert('L')`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "springbok/image/image.h"
#include "springbok/image/jpeg_segments.h"
#include "springbok/image/region.h"

namespace springbok::image {

enum class Format { jpeg, png, webp, bmp, pnm, tiff, gif };

/// `JPEG`, `PNG`, `WebP`, `BMP`, `PNM`, `TIFF`, `GIF`.
const char* format_name(Format format);
/// `.jpg`, `.png`, `.webp`, `.bmp`, `.ppm`, `.tif`, `.gif`.
const char* usual_ending(Format format);

/// What an encoded image says about itself.
struct ImageInfo {
  Format format = Format::jpeg;
  int height = 0;
  int width = 0;
  int channels = 0;  ///< as stored: 1 grey, 2 grey + alpha, 3 RGB or palette, 4 RGB + alpha or CMYK
  int bits = 8;      ///< per channel
};

/// Images of more pixels are refused: 2^28, 16,384 x 16,384.
inline constexpr std::int64_t kMaxPixels = std::int64_t{1} << 28;

/// Reads the header only. `name` is what messages call the image (a path). Throws Error for bytes that are empty, no
/// JPEG, PNG or WebP (told by content, not by name), cut within the header, or larger than the limits.
ImageInfo probe(std::span<const std::byte> bytes, const std::string& name);

/// Hears why a damaged JPEG would be refused, when Pillow reads it and its pixels are taken. That is data that end
/// early, no end of the image, a restart marker too few. Without a listener those are errors, as all other damage
/// always is.
using OnDamage = std::function<void(const std::string& reason)>;

/// The pixels with `channels` channels: 3 (RGB) or 1 (grey, ITU-R 601 luma of RGB, as Pillow's `convert('L')`).
/// JPEG: accurate integer DCT and smooth chroma upsampling; CMYK as Pillow (Adobe's inverted inks). Alpha is dropped,
/// not composited; EXIF orientation is ignored, as torchvision's loader does. Throws Error as `probe` does, and for
/// pixels that end early or are damaged, and for 16 bits a channel.
Image decode(std::span<const std::byte> bytes, int channels, const std::string& name, const OnDamage& damaged = {});

/// Decoded pixels among which a region of the image stands at `region`; what surrounds it is not specified.
struct Part {
  Image pixels;
  Region region;
};

/// Decodes little more than `region` of the image where the format allows it (JPEG: whole rows and columns of blocks
/// are skipped); those pixels equal `decode`'s. Errors are
/// `decode`'s, and a region that does not lie inside the image; but damage outside the region may go unnoticed; an
/// image that ends early never does. `reused` lends its memory. A JPEG with known `segments` (`pack_jpeg`'s) is read no
/// further than the region needs; wrong ones cost time only.
Part decode_part(std::span<const std::byte> bytes, const Region& region, int channels, const std::string& name,
                 Image reused = {}, const JpegSegments& segments = {}, const OnDamage& damaged = {});

/// Decoded pixels of an image at a part of its size, among which a region of the whole stands at `box`.
struct Reduced {
  Image pixels;
  Box box;
};

/// The image at 1 / `factor` of its height and width, 2, 4 or 8, around `region` of the whole, as Pillow's `draft`
/// gives it. libjpeg computes the transform at fewer points, which takes a fraction of the time and gives other pixels
/// than decoding and shrinking. Nothing for other formats. Errors are those of `decode_part`.
std::optional<Reduced> decode_reduced(std::span<const std::byte> bytes, const Region& region, int factor, int channels,
                                      const std::string& name, Image reused = {}, const JpegSegments& segments = {},
                                      const OnDamage& damaged = {});

}  // namespace springbok::image
