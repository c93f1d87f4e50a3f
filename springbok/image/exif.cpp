// Reading the orientation: where each format keeps EXIF and XMP, and the one tag of it.
#include "springbok/image/exif.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace springbok::image {
namespace {

using std::string_view;
using namespace std::string_view_literals;

constexpr string_view kExif = "Exif\0\0"sv, kXmp = "http://ns.adobe.com/xap/1.0/\0"sv;

/// A number of 2, 4 or 8 bytes; 0 where it does not lie inside.
std::uint64_t number(string_view bytes, std::size_t at, std::size_t count, bool little) {
  if (at > bytes.size() || bytes.size() - at < count) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto byte = static_cast<std::uint8_t>(bytes[at + (little ? count - 1 - i : i)]);
    value = value << 8 | byte;
  }
  return value;
}

/// Bytes of a whole number of TIFF's type; 0 for other types, which say no orientation.
std::size_t bytes_of(std::uint64_t type) {
  switch (type) {
    case 6:
      return 1;
    case 3:
    case 8:
      return 2;
    case 4:
    case 9:
    case 13:
      return 4;
    case 16:
      return 8;
    default:
      return 0;
  }
}

struct Found {
  string_view exif, xmp;
  std::string joined = {};  ///< EXIF over several segments
};

/// What the tag 274 of the first directory says; nothing where it is not there, 1 where this is no TIFF.
std::optional<std::uint64_t> tag_of(string_view tiff) {
  constexpr std::size_t kEntry = 12;
  constexpr std::uint64_t kOrientation = 274;
  for (int i = 0; i < 2 && tiff.starts_with(kExif); ++i) tiff.remove_prefix(kExif.size());
  if (tiff.empty()) return std::nullopt;
  const string_view magic = tiff.substr(0, 4);
  const bool little = magic == "II*\0"sv || magic == "II\0*"sv;
  if (!little && magic != "MM\0*"sv && magic != "MM*\0"sv) return 1;
  const std::uint64_t start = number(tiff, 4, 4, little), entries = number(tiff, start, 2, little);
  for (std::uint64_t i = 0; i < entries; ++i) {
    const std::uint64_t at = start + 2 + i * kEntry;
    if (at > tiff.size() || tiff.size() - at < kEntry) return std::nullopt;
    if (number(tiff, at, 2, little) != kOrientation) continue;
    const std::size_t size = bytes_of(number(tiff, at + 2, 2, little));
    const std::uint64_t count = number(tiff, at + 4, 4, little);
    if (size == 0 || count == 0) continue;
    const bool inside = count * size <= 4;
    return number(tiff, inside ? at + 8 : number(tiff, at + 8, 4, little), size, little);
  }
  return std::nullopt;
}

/// `tiff:Orientation="6"` or `<tiff:Orientation>6`.
std::uint64_t xmp_of(string_view xmp) {
  constexpr string_view kTag = "tiff:Orientation";
  for (std::size_t at = xmp.find(kTag); at != string_view::npos; at = xmp.find(kTag, at + 1)) {
    string_view rest = xmp.substr(at + kTag.size());
    rest.remove_prefix(rest.starts_with("=\"") ? 2 : rest.starts_with('>') ? 1 : rest.size());
    if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') return static_cast<std::uint64_t>(rest[0] - '0');
  }
  return 1;
}

/// The segments before the first scan. Several of EXIF are one after the other, the last XMP counts.
Found in_jpeg(string_view bytes) {
  Found found;
  std::size_t at = 2;
  while (at + 4 <= bytes.size() && bytes[at] == '\xFF') {
    const auto marker = static_cast<std::uint8_t>(bytes[at + 1]);
    if (marker == 0xFF) {
      ++at;
      continue;
    }
    const std::uint64_t length = number(bytes, at + 2, 2, false);
    if (marker == 0xDA || length < 2) break;
    const string_view segment = bytes.substr(at + 4, length - 2);
    if (marker == 0xE1 && segment.starts_with(kExif)) {
      found.joined += found.joined.empty() ? segment : segment.substr(kExif.size());
    } else if (marker == 0xE1 && segment.starts_with(kXmp)) {
      found.xmp = segment.substr(kXmp.size());
    }
    at += 2 + length;
  }
  return found;
}

Found in_png(string_view bytes) {
  Found found;
  constexpr std::size_t kSignature = 8, kAround = 12;  // length, name and checksum
  for (std::size_t at = kSignature; at < bytes.size() && bytes.size() - at >= kAround;) {
    const std::uint64_t length = number(bytes, at, 4, false);
    if (length > bytes.size() - at - kAround) break;
    if (bytes.substr(at + 4, 4) == "eXIf") found.exif = bytes.substr(at + 8, length);
    at += kAround + length;
  }
  return found;
}

/// Only what the head of the extended form announces counts.
Found in_webp(string_view bytes) {
  Found found;
  constexpr std::size_t kChunks = 12, kHead = 8, kFlags = 20;
  constexpr int kHasExif = 8, kHasXmp = 4;
  if (bytes.size() <= kFlags || bytes.substr(kChunks, 4) != "VP8X") return found;
  const auto flags = static_cast<std::uint8_t>(bytes[kFlags]);
  for (std::size_t at = kChunks; at < bytes.size() && bytes.size() - at >= kHead;) {
    const string_view name = bytes.substr(at, 4);
    const std::uint64_t length = number(bytes, at + 4, 4, true);
    if (length > bytes.size() - at - kHead) break;
    const string_view content = bytes.substr(at + kHead, length);
    if (name == "EXIF" && (flags & kHasExif) != 0 && found.exif.empty()) found.exif = content;
    if (name == "XMP " && (flags & kHasXmp) != 0 && found.xmp.empty()) found.xmp = content;
    at += kHead + length + length % 2;
  }
  return found;
}

}  // namespace

int exif_orientation(std::span<const std::byte> encoded) {
  const string_view bytes(reinterpret_cast<const char*>(encoded.data()), encoded.size());
  Found found;
  if (bytes.starts_with("\xFF\xD8")) found = in_jpeg(bytes);
  if (bytes.starts_with("\x89PNG\r\n\x1A\n")) found = in_png(bytes);
  if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP")) found = in_webp(bytes);
  if (found.exif.empty()) found.exif = found.joined;
  const std::uint64_t orientation = tag_of(found.exif).value_or(xmp_of(found.xmp));
  return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
}

}  // namespace springbok::image
