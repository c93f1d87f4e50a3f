// Rewriting a JPEG so that it can be decoded by parts; no pixel changes.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "springbok/image/decode.h"
#include "springbok/image/jpeg_segments.h"

namespace springbok::image {

/// The rewritten file, itself an ordinary baseline JPEG, and where its segments lie.
struct PackedJpeg {
  std::vector<std::byte> bytes;
  int units = 0;
  std::vector<std::byte> lengths;
  JpegSegments segments() const { return {units, lengths}; }
};

/// Codes the coefficients anew, as they are: one baseline scan, Huffman tables of its own, all other markers kept. A
/// restart marker stands every few units, so many that rows of units hold a whole number of segments. Both files are
/// decoded and compared before this returns.
///
/// Nothing for files that have no such form (more than 64 KB in a segment, progressive ones that lack scans) or would
/// give other pixels. They are best kept as they are, and so are damaged ones that Pillow reads, where `damaged`
/// listens. Throws Error as `decode` does for other damaged files.
std::optional<PackedJpeg> pack_jpeg(std::span<const std::byte> bytes, const std::string& name,
                                    const OnDamage& damaged = {});

/// The way back: the coefficients in one baseline scan without restart markers, for `bytes` that `pack_jpeg` made.
std::vector<std::byte> unpack_jpeg(std::span<const std::byte> bytes, const std::string& name);

}  // namespace springbok::image
