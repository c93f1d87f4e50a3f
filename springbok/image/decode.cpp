// Decoding: tells the format by content, checks the limits, and hands over to the format's codec.
#include "springbok/image/decode.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>

#include "springbok/base/error.h"
#include "springbok/image/codec.h"
#include "springbok/image/convert.h"

namespace springbok::image {
namespace {

bool starts_with(Bytes bytes, std::string_view magic, std::size_t at = 0) {
  return bytes.size() >= at + magic.size() && std::memcmp(bytes.data() + at, magic.data(), magic.size()) == 0;
}

/// `P1` to `P6` and `Pf`: the kind, then white space.
bool is_pnm(Bytes bytes) {
  if (!starts_with(bytes, "P") || bytes.size() < 3) return false;
  const int kind = std::to_integer<int>(bytes[1]), behind = std::to_integer<int>(bytes[2]);
  return ((kind >= '1' && kind <= '6') || kind == 'f') && (behind == ' ' || (behind >= '\t' && behind <= '\r'));
}

bool is_tiff(Bytes bytes) {
  for (const std::string_view magic : {std::string_view("II*\0", 4), std::string_view("MM\0*", 4),
                                       std::string_view("II+\0", 4), std::string_view("MM\0+", 4)}) {
    if (starts_with(bytes, magic)) return true;
  }
  return false;
}

std::optional<Format> sniff(Bytes bytes) {
  if (starts_with(bytes, "\xFF\xD8\xFF")) return Format::jpeg;
  if (starts_with(bytes, "\x89PNG\r\n\x1A\n")) return Format::png;
  if (starts_with(bytes, "RIFF") && starts_with(bytes, "WEBP", 8)) return Format::webp;
  if (starts_with(bytes, "GIF87a") || starts_with(bytes, "GIF89a")) return Format::gif;
  if (is_tiff(bytes)) return Format::tiff;
  if (starts_with(bytes, "BM")) return Format::bmp;
  if (is_pnm(bytes)) return Format::pnm;
  return std::nullopt;
}

/// What the bytes look like instead, for the message.
std::string describe(Bytes bytes) {
  if (starts_with(bytes, "ftypavif", 4)) return "it is an AVIF";
  if (starts_with(bytes, "ftyphei", 4)) return "it is a HEIC";
  std::string hex;
  for (std::size_t i = 0; i < std::min<std::size_t>(bytes.size(), 4); ++i) {
    hex += format(" {:02x}", std::to_integer<int>(bytes[i]));
  }
  return "it starts with" + hex;
}

Format format_of(Bytes bytes, const std::string& name) {
  if (bytes.empty()) fail("{}: the file is empty; replace or remove it", name);
  const auto found = sniff(bytes);
  if (!found)
    fail("{}: not a JPEG, PNG, WebP, BMP, PNM, TIFF or GIF image ({}); convert or remove it", name, describe(bytes));
  return *found;
}

}  // namespace

const char* format_name(Format format) {
  switch (format) {
    case Format::jpeg:
      return "JPEG";
    case Format::png:
      return "PNG";
    case Format::webp:
      return "WebP";
    case Format::bmp:
      return "BMP";
    case Format::pnm:
      return "PNM";
    case Format::tiff:
      return "TIFF";
    case Format::gif:
      return "GIF";
  }
  return "";
}

const char* usual_ending(Format format) {
  switch (format) {
    case Format::jpeg:
      return ".jpg";
    case Format::png:
      return ".png";
    case Format::webp:
      return ".webp";
    case Format::bmp:
      return ".bmp";
    case Format::pnm:
      return ".ppm";
    case Format::tiff:
      return ".tif";
    case Format::gif:
      return ".gif";
  }
  return "";
}

void check_size(std::int64_t height, std::int64_t width, std::size_t bytes, const std::string& name) {
  if (height < 1 || width < 1) fail("{}: the image has no pixels ({} x {}); replace or remove it", name, height, width);
  const auto shown = [&] { return with_commas(height) + " x " + with_commas(width); };
  if (width > kMaxPixels / height) {
    fail("{}: {} pixels (height x width) are more than the limit of {}; scale the image down", name, shown(),
         with_commas(kMaxPixels));
  }
  // No format packs more than about 8,000 pixels into a byte; small images may say what they like.
  constexpr std::int64_t kSmall = std::int64_t{1} << 24;
  constexpr std::int64_t kPixelsPerByte = 1 << 14;
  if (height * width > kSmall && height * width / kPixelsPerByte > static_cast<std::int64_t>(bytes)) {
    fail("{}: claims {} pixels (height x width) in only {} bytes; replace or remove it", name, shown(),
         with_commas(static_cast<std::int64_t>(bytes)));
  }
}

void check_region(const Region& region, Size size, const std::string& name) {
  if (inside(region, size)) return;
  fail(
      "{}: has {} x {} pixels (height x width), and not those at {}, {} that should be read; it is damaged, or its "
      "index is",
      name, with_commas(size.height), with_commas(size.width), with_commas(region.top + region.height - 1),
      with_commas(region.left + region.width - 1));
}

namespace {

ImageInfo probe_as(Format format, Bytes bytes, const std::string& name) {
  switch (format) {
    case Format::jpeg:
      return probe_jpeg(bytes, name);
    case Format::png:
      return probe_png(bytes, name);
    case Format::webp:
      return probe_webp(bytes, name);
    case Format::bmp:
      return probe_bmp(bytes, name);
    case Format::pnm:
      return probe_pnm(bytes, name);
    case Format::tiff:
      return probe_tiff(bytes, name);
    case Format::gif:
      return probe_gif(bytes, name);
  }
  return {};
}

/// The pixels with as many channels as are stored or are most easily had.
Image decode_as(Format format, Bytes bytes, int channels, const std::string& name, const OnDamage& damaged) {
  switch (format) {
    case Format::jpeg:
      return decode_jpeg(bytes, channels, name, damaged);
    case Format::png:
      return decode_png(bytes, name);
    case Format::webp:
      return decode_webp(bytes, name);
    case Format::bmp:
      return decode_bmp(bytes, name);
    case Format::pnm:
      return decode_pnm(bytes, name);
    case Format::tiff:
      return decode_tiff(bytes, name);
    case Format::gif:
      return decode_gif(bytes, name);
  }
  return {};
}

}  // namespace

ImageInfo probe(Bytes bytes, const std::string& name) {
  const ImageInfo info = probe_as(format_of(bytes, name), bytes, name);
  check_size(info.height, info.width, bytes.size(), name);
  return info;
}

Image decode(Bytes bytes, int channels, const std::string& name, const OnDamage& damaged) {
  if (channels != 1 && channels != 3) fail("{}: images are decoded to 1 or 3 channels, not {}", name, channels);
  return to_channels(decode_as(format_of(bytes, name), bytes, channels, name, damaged), channels);
}

Part decode_part(Bytes bytes, const Region& region, int channels, const std::string& name, Image reused,
                 const JpegSegments& segments, const OnDamage& damaged) {
  if (channels != 1 && channels != 3) fail("{}: images are decoded to 1 or 3 channels, not {}", name, channels);
  if (format_of(bytes, name) != Format::jpeg) {
    Part part{decode(bytes, channels, name), region};
    check_region(region, {part.pixels.height, part.pixels.width}, name);
    return part;
  }
  Part part = decode_jpeg_part(bytes, region, channels, name, std::move(reused), segments, damaged);
  if (part.pixels.channels != channels) part.pixels = to_channels(std::move(part.pixels), channels);
  return part;
}

std::optional<Reduced> decode_reduced(Bytes bytes, const Region& region, int factor, int channels,
                                      const std::string& name, Image reused, const JpegSegments& segments,
                                      const OnDamage& damaged) {
  if (factor != 2 && factor != 4 && factor != 8) {
    fail("{}: images are decoded at 1 / 2, 4 or 8 of their size, not {}", name, factor);
  }
  if (format_of(bytes, name) != Format::jpeg) return std::nullopt;
  Part part = decode_jpeg_reduced(bytes, region, factor, channels, name, std::move(reused), segments, damaged);
  if (part.pixels.channels != channels) part.pixels = to_channels(std::move(part.pixels), channels);
  const auto by = static_cast<float>(factor);
  const auto left = static_cast<float>(part.region.left) + static_cast<float>(region.left % factor) / by;
  const auto top = static_cast<float>(part.region.top) + static_cast<float>(region.top % factor) / by;
  const Box box{.left = left,
                .top = top,
                .right = left + static_cast<float>(region.width) / by,
                .bottom = top + static_cast<float>(region.height) / by};
  return Reduced{.pixels = std::move(part.pixels), .box = box};
}

}  // namespace springbok::image
