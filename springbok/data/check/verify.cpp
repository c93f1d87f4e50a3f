// Checking a source image by image.
#include "springbok/data/check/verify.h"

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
#include "springbok/image/exif.h"

namespace springbok::data {
namespace {

struct FaultText {
  const char* name;
  const char* text;
  bool stops;
};

constexpr std::array<FaultText, 13> kFaults{{
    {"empty", "files without a byte", true},
    {"truncated", "end before their pixels do", true},
    {"corrupt", "damaged, or no image", true},
    {"unfit", "sound, but of a kind that is not loaded", true},
    {"missing", "listed, and not there", true},
    {"mask", "masks that cannot be used", true},
    {"damaged", "damaged JPEG, read as Pillow reads it", false},
    {"cmyk", "CMYK, loaded as Pillow's RGB", false},
    {"extension", "the ending says another format than the content", false},
    {"rotated", "EXIF asks for a rotation, ignored unless exif = apply", false},
    {"blank", "masks of one index alone", false},
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
  if (contains(message, "No such file or directory")) return Fault::missing;
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

void look_at_header(const image::Encoded& encoded, const std::string& name, Seen& seen) {
  const image::ImageInfo info = image::probe(encoded.bytes(), name);
  if (info.format == image::Format::jpeg && info.channels == 4) {
    seen.findings.push_back({Fault::cmyk, name, ""});
  }
  if (const auto expected = format_of_name(name); expected && *expected != info.format) {
    seen.findings.push_back({Fault::extension, name, format("is a {}", image::format_name(info.format))});
  }
  if (const int orientation = image::exif_orientation(encoded.bytes()); orientation != 1) {
    seen.findings.push_back({Fault::rotated, name, format("orientation {}", orientation)});
  }
}

std::string digest_of(const Source& source, std::int64_t index) {
  if (const auto encoded = source.encoded(index, source.channels())) return sha256(encoded->bytes());
  const image::Image image = source.image(index, source.channels());
  return format("{}x{} {}", image.height, image.width, sha256(std::as_bytes(std::span(image.pixels))));
}

/// Reads the mask of an image that is sound.
void look_at_mask(const Source& source, std::int64_t index, Seen& seen) {
  const std::string name = source.name(index);
  try {
    const image::Image mask = source.mask(index);
    const auto least_most = std::minmax_element(mask.pixels.begin(), mask.pixels.end());
    if (*least_most.first == *least_most.second) {
      seen.findings.push_back({Fault::blank, name, format("{} alone", *least_most.first)});
    }
  } catch (const Error& error) {
    seen.findings.push_back({Fault::mask, name, error.what()});
  }
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
    if (source.target_kind() == TargetKind::masks) look_at_mask(source, index, seen);
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
