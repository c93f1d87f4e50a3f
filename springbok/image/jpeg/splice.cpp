// A small JPEG out of the segments of a large one: its header with another size, and restart markers counted anew.
#include "springbok/image/jpeg/splice.h"

#include <algorithm>

namespace springbok::image {
namespace {

constexpr std::byte kMark{0xFF};
constexpr int kRestart = 0xD0, kEnd = 0xD9;

/// Units [first, end) along one axis.
struct Units {
  int first, end;
};

/// Those that pixels [from, from + length) and `beside` more at each end need, in whole multiples of `step`.
Units needed(int from, int length, int unit, int count, int beside, int step) {
  const int first = std::max(from - beside, 0) / unit, end = (from + length + beside + unit - 1) / unit;
  return {first / step * step, std::min((end + step - 1) / step * step, count)};
}

void put_size(std::vector<std::byte>& out, std::size_t at, int value) {
  out[at] = static_cast<std::byte>(value >> 8);
  out[at + 1] = static_cast<std::byte>(value & 255);
}

/// Offsets of the segments and of the end, or nothing when they do not fill the data.
bool find_offsets(const JpegSegments& segments, std::size_t from, std::size_t end, std::vector<std::size_t>& offsets) {
  offsets.clear();
  for (int i = 0; i < segments.count(); ++i) {
    if (segments.length(i) < 2) return false;
    offsets.push_back(from);
    from += segments.length(i);
  }
  offsets.push_back(from);
  return from == end;
}

}  // namespace

std::optional<Region> splice_jpeg(std::span<const std::byte> bytes, const JpegSegments& segments, const Region& region,
                                  std::vector<std::byte>& out, int factor) {
  const std::optional<JpegLayout> found = jpeg_layout(bytes);
  if (!found || segments.empty() || !inside(region, found->size)) return std::nullopt;
  const JpegLayout& layout = *found;
  const int step = segments.units;
  if (layout.per_row % step != 0 || segments.count() != layout.per_row / step * layout.rows) return std::nullopt;
  thread_local std::vector<std::size_t> offsets;
  if (!find_offsets(segments, layout.data_at, bytes.size(), offsets)) return std::nullopt;

  const int left_of = layout.subsampled_across() ? layout.unit_width / 8 * factor : 0;
  const int above = layout.subsampled_down() ? layout.unit_height / 8 * factor : 0;
  const Units columns = needed(region.left, region.width, layout.unit_width, layout.per_row, left_of, step);
  const Units rows = needed(region.top, region.height, layout.unit_height, layout.rows, above, 1);
  const int left = columns.first * layout.unit_width, top = rows.first * layout.unit_height;
  out.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(layout.data_at));
  put_size(out, layout.size_at, std::min(rows.end * layout.unit_height, layout.size.height) - top);
  put_size(out, layout.size_at + 2, std::min(columns.end * layout.unit_width, layout.size.width) - left);
  int written = 0;
  for (int row = rows.first; row < rows.end; ++row) {
    const auto at = [&](int column) { return static_cast<std::size_t>((row * layout.per_row + column) / step); };
    for (std::size_t i = at(columns.first); i < at(columns.end); ++i) {
      out.insert(out.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offsets[i]),
                 bytes.begin() + static_cast<std::ptrdiff_t>(offsets[i + 1]));
      out[out.size() - 2] = kMark;
      out[out.size() - 1] = static_cast<std::byte>(kRestart + written++ % 8);
    }
  }
  out[out.size() - 1] = static_cast<std::byte>(kEnd);
  constexpr std::size_t kBehind = 4096;  // with so much in its buffer libjpeg-turbo stays on its fast path
  out.resize(out.size() + kBehind);
  return Region{region.top - top, region.left - left, region.height, region.width};
}

}  // namespace springbok::image
