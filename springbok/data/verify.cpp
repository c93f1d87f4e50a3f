// Checking a source image by image.
#include "springbok/data/verify.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <map>
#include <optional>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/threads.h"
#include "springbok/image/decode.h"

namespace springbok::data {
namespace {

struct FaultText {
  const char* name;
  const char* text;
  bool stops;
};

constexpr std::array<FaultText, 10> kFaults{{
    {"empty", "files without a byte", true},
    {"truncated", "end before their pixels do", true},
    {"corrupt", "damaged, or no image", true},
    {"unfit", "sound, but of a kind that is not loaded", true},
    {"damaged", "damaged JPEG, read as Pillow reads it", false},
    {"cmyk", "CMYK, loaded as Pillow's RGB", false},
    {"extension", "the ending says another format than the content", false},
    {"rotated", "EXIF asks for a rotation, which loading ignores", false},
    {"duplicate", "the same bytes as an earlier image", false},
    {"leaked", "the same bytes as an image of the other split", false},
}};

const FaultText& told(Fault fault) {
  return kFaults.at(static_cast<std::size_t>(fault));
}

/// What one image showed; the digest serves to find duplicates.
struct Seen {
  std::vector<Finding> findings;
  std::string digest;
};

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

/// The message that decoding ends in says which; the name in front does not count.
Fault fault_of(const std::string& text, const std::string& name) {
  const std::string message = text.starts_with(name) ? text.substr(name.size()) : text;
  if (contains(message, "is empty")) return Fault::empty;
  if (contains(message, "truncated")) return Fault::truncated;
  for (const char* unfit : {"which is not read", "it is a", "components", "scans;", "are more than the limit"}) {
    if (contains(message, unfit)) return Fault::unfit;
  }
  return Fault::corrupt;
}

std::optional<image::Format> format_of_name(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  if (name.ends_with(".jpg") || name.ends_with(".jpeg")) return image::Format::jpeg;
  if (name.ends_with(".png")) return image::Format::png;
  if (name.ends_with(".webp")) return image::Format::webp;
  if (name.ends_with(".bmp")) return image::Format::bmp;
  if (name.ends_with(".ppm") || name.ends_with(".pgm")) return image::Format::pnm;
  if (name.ends_with(".tif") || name.ends_with(".tiff")) return image::Format::tiff;
  if (name.ends_with(".gif")) return image::Format::gif;
  return std::nullopt;
}

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  bool has(std::size_t at, std::size_t count) const { return at <= bytes_.size() && count <= bytes_.size() - at; }
  unsigned byte(std::size_t at) const { return std::to_integer<unsigned>(bytes_[at]); }
  unsigned big16(std::size_t at) const { return byte(at) << 8 | byte(at + 1); }
  unsigned number(std::size_t at, std::size_t count, bool big) const {
    unsigned value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value << 8 | byte(at + (big ? i : count - 1 - i));
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
};

/// The orientation tag of the first directory of TIFF data, which is what EXIF is.
int tiff_orientation(std::span<const std::byte> tiff) {
  constexpr unsigned kOrientation = 0x0112;
  const Reader in(tiff);
  if (!in.has(0, 8)) return 1;
  const bool big = in.big16(0) == 0x4D4D;
  const std::size_t directory = in.number(4, 4, big);
  if (!in.has(directory, 2)) return 1;
  const unsigned entries = in.number(directory, 2, big);
  for (unsigned i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + std::size_t{12} * i;
    if (!in.has(entry, 12)) return 1;
    if (in.number(entry, 2, big) != kOrientation) continue;
    const unsigned value = in.number(entry + 8, 2, big);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

void look_at_header(const image::Encoded& encoded, const std::string& name, Seen& seen) {
  const image::ImageInfo info = image::probe(encoded.bytes(), name);
  if (info.format == image::Format::jpeg && info.channels == 4) {
    seen.findings.push_back({Fault::cmyk, name, ""});
  }
  if (const auto expected = format_of_name(name); expected && *expected != info.format) {
    seen.findings.push_back({Fault::extension, name, format("is a {}", image::format_name(info.format))});
  }
  if (info.format != image::Format::jpeg) return;
  if (const int orientation = exif_orientation(encoded.bytes()); orientation != 1) {
    seen.findings.push_back({Fault::rotated, name, format("orientation {}", orientation)});
  }
}

std::string digest_of(const Source& source, std::int64_t index) {
  if (const auto encoded = source.encoded(index, source.channels())) return sha256(encoded->bytes());
  const image::Image image = source.image(index, source.channels());
  return format("{}x{} {}", image.height, image.width, sha256(std::as_bytes(std::span(image.pixels))));
}

Seen look_at(const Source& source, std::int64_t index) {
  Seen seen;
  const std::string name = source.name(index);
  try {
    source.check_stored(index);
    if (auto encoded = source.encoded(index, source.channels())) {
      if (encoded->on_damage()) {
        encoded->on_damage([&](const std::string& reason) { seen.findings.push_back({Fault::damaged, name, reason}); });
      }
      seen.digest = sha256(encoded->bytes());
      look_at_header(*encoded, name, seen);
      encoded->whole();
    } else {
      seen.digest = digest_of(source, index);
    }
  } catch (const Error& error) {
    seen.findings.push_back({fault_of(error.what(), name), name, error.what()});
  }
  return seen;
}

std::map<std::string, std::string> names_by_digest(const Source& source, int threads) {
  std::vector<std::string> digests(static_cast<std::size_t>(source.size()));
  parallel_for(digests.size(), threads, [&](std::size_t i) {
    try {
      digests[i] = digest_of(source, static_cast<std::int64_t>(i));
    } catch (const Error&) {  // an image of the other split that cannot be read equals none
      digests[i].clear();
    }
  });
  std::map<std::string, std::string> names;
  for (std::size_t i = 0; i < digests.size(); ++i) {
    if (!digests[i].empty()) names.emplace(digests[i], source.name(static_cast<std::int64_t>(i)));
  }
  return names;
}

}  // namespace

const char* fault_name(Fault fault) {
  return told(fault).name;
}

const char* fault_text(Fault fault) {
  return told(fault).text;
}

bool stops_loading(Fault fault) {
  return told(fault).stops;
}

int exif_orientation(std::span<const std::byte> jpeg) {
  constexpr unsigned kApp1 = 0xFFE1, kScan = 0xFFDA;
  const Reader in(jpeg);
  std::size_t at = 2;
  while (in.has(at, 4) && in.byte(at) == 0xFF && in.big16(at) != kScan) {
    const unsigned marker = in.big16(at), length = in.big16(at + 2);
    const bool whole = length >= 2 && in.has(at + 2, length);
    if (!whole) return 1;
    const auto payload = jpeg.subspan(at + 4, length - 2);
    constexpr std::array kExif{std::byte{'E'}, std::byte{'x'}, std::byte{'i'},
                               std::byte{'f'}, std::byte{},    std::byte{}};
    const bool exif = payload.size() > kExif.size() && std::equal(kExif.begin(), kExif.end(), payload.begin());
    if (marker == kApp1 && exif) return tiff_orientation(payload.subspan(kExif.size()));
    at += 2 + length;
  }
  return 1;
}

std::vector<Finding> verify(const Source& source, const VerifySettings& settings) {
  std::vector<Seen> seen(static_cast<std::size_t>(source.size()));
  std::atomic<std::int64_t> finished = 0;
  parallel_for(seen.size(), settings.threads, [&](std::size_t i) {
    seen[i] = look_at(source, static_cast<std::int64_t>(i));
    const std::int64_t so_far = ++finished;
    if (settings.done) settings.done(so_far);
  });
  const auto others = settings.other == nullptr ? std::map<std::string, std::string>{}
                                                : names_by_digest(*settings.other, settings.threads);
  std::map<std::string, std::string> earlier;
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    std::move(seen[i].findings.begin(), seen[i].findings.end(), std::back_inserter(findings));
    if (seen[i].digest.empty()) continue;
    const std::string name = source.name(static_cast<std::int64_t>(i));
    const auto [first, is_new] = earlier.emplace(seen[i].digest, name);
    if (!is_new) findings.push_back({Fault::duplicate, name, first->second});
    if (const auto other = others.find(seen[i].digest); other != others.end()) {
      findings.push_back({Fault::leaked, name, other->second});
    }
  }
  return findings;
}

}  // namespace springbok::data
