// The units of a JPEG, from its header (ITU T.81, annex B).
#include "springbok/image/jpeg_segments.h"

#include <algorithm>

namespace springbok::image {
namespace {

constexpr int kBlock = 8;

int byte_at(std::span<const std::byte> bytes, std::size_t at) {
  return at < bytes.size() ? std::to_integer<int>(bytes[at]) : -1;
}

int word_at(std::span<const std::byte> bytes, std::size_t at) {
  return at + 1 < bytes.size() ? byte_at(bytes, at) << 8 | byte_at(bytes, at + 1) : -1;
}

bool is_frame(int marker) {
  constexpr int kHuffman = 0xC4, kReserved = 0xC8, kArithmetic = 0xCC;
  return marker >= 0xC0 && marker <= 0xCF && marker != kHuffman && marker != kReserved && marker != kArithmetic;
}

/// Reads a frame header whose length stands at `at`. False when it is damaged.
bool read_frame(std::span<const std::byte> bytes, std::size_t at, JpegLayout& layout) {
  constexpr std::size_t kBeforeSize = 3, kBeforeCount = 7, kBeforeComponents = 8, kComponent = 3;
  layout.size_at = at + kBeforeSize;
  layout.size = {word_at(bytes, layout.size_at), word_at(bytes, layout.size_at + 2)};
  const int components = byte_at(bytes, at + kBeforeCount);
  int across = 1, down = 1;
  for (int i = 0; i < components; ++i) {
    const int factors = byte_at(bytes, at + kBeforeComponents + static_cast<std::size_t>(i) * kComponent + 1);
    if (factors < 0 || (factors >> 4) == 0 || (factors & 15) == 0) return false;
    across = std::max(across, factors >> 4);
    down = std::max(down, factors & 15);
  }
  if (components < 1 || layout.size.height < 1 || layout.size.width < 1) return false;
  if (components == 1) across = down = 1;  // one component is coded block by block whatever its factors (A.2.2)
  layout.unit_width = kBlock * across;
  layout.unit_height = kBlock * down;
  layout.per_row = (layout.size.width + layout.unit_width - 1) / layout.unit_width;
  layout.rows = (layout.size.height + layout.unit_height - 1) / layout.unit_height;
  return true;
}

}  // namespace

std::optional<JpegLayout> jpeg_layout(std::span<const std::byte> bytes) {
  constexpr int kStart = 0xFFD8, kScan = 0xDA;
  JpegLayout layout;
  if (word_at(bytes, 0) != kStart) return std::nullopt;
  for (std::size_t at = 2;;) {
    if (byte_at(bytes, at) != 0xFF) return std::nullopt;
    while (byte_at(bytes, at) == 0xFF) ++at;
    const int marker = byte_at(bytes, at++), length = word_at(bytes, at);
    if (marker < 0 || length < 2) return std::nullopt;
    if (is_frame(marker) && !read_frame(bytes, at, layout)) return std::nullopt;
    at += static_cast<std::size_t>(length);
    if (marker != kScan) continue;
    layout.data_at = at;
    return at <= bytes.size() && layout.per_row > 0 ? std::optional(layout) : std::nullopt;
  }
}

}  // namespace springbok::image
