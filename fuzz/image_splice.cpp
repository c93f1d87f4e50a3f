// JPEGs cut into segments: packing any JPEG changes no crop, and of damaged segments the own decoder gives what libjpeg
// gives of the same segments, or refuses.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <vector>

#include "image_region.h"
#include "springbok/base/error.h"
#include "springbok/image/decode.h"
#include "springbok/image/geometry.h"
#include "springbok/image/jpeg/crop.h"
#include "springbok/image/jpeg/pack.h"
#include "springbok/image/jpeg/splice.h"

namespace {

using namespace springbok::image;
using Bytes = std::span<const std::byte>;

void expect_equal(const Image& a, const Image& b, const Region& region, const char* what) {
  if (a == b) return;
  std::fprintf(stderr, "%s: rows %d+%d, columns %d+%d differ\n", what, region.top, region.height, region.left,
               region.width);
  std::abort();
}

void pack_and_compare(Bytes bytes, const Region& region) {
  const auto packed = pack_jpeg(bytes, "fuzz");
  if (!packed) return;
  const Image whole = decode(bytes, 3, "fuzz");
  const Part part = decode_part(packed->bytes, region, 3, "fuzz", {}, packed->segments());
  expect_equal(crop(part.pixels, part.region), crop(whole, region), region, "packed");
}

/// Whole rows are compared: of a segment that is read in part, only libjpeg sees what is wrong behind that part.
void read_and_compare(Bytes bytes, const JpegSegments& segments, const Region& region, int width) {
  Image reused;
  decode_baseline_region(bytes, region, segments, reused);
  const Region rows{region.top, 0, region.height, width};
  const std::optional<Image> own = decode_baseline_region(bytes, rows, segments, reused);
  std::vector<std::byte> spliced;
  const std::optional<Region> within = splice_jpeg(bytes, segments, rows, spliced);
  if (own && within) {
    try {
      expect_equal(crop(decode(spliced, 3, "fuzz"), *within), *own, rows, "spliced");
    } catch (const springbok::Error&) {  // libjpeg reads all of the segments, the own decoder what it needs
      return;
    }
  }
  decode_part(bytes, region, 3, "fuzz", {}, segments);
  decode_part(bytes, region, 1, "fuzz", {}, segments);
}

}  // namespace

/// Four bytes that say which region, units of a segment (0: pack it), half the table's length, the table, the JPEG.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kHead = springbok::fuzz::kRegion + 2;
  const auto input = std::as_bytes(std::span(data, size));
  if (size < kHead || size - kHead < 2 * std::size_t{data[kHead - 1]}) return 0;
  const JpegSegments segments{data[kHead - 2], input.subspan(kHead, 2 * std::size_t{data[kHead - 1]})};
  const Bytes bytes = input.subspan(kHead + segments.lengths.size());
  try {
    const ImageInfo info = probe(bytes, "fuzz");
    if (info.format != Format::jpeg || std::int64_t{info.height} * info.width > springbok::fuzz::kMostPixels) return 0;
    const Region region = springbok::fuzz::region_of(input, {info.height, info.width});
    segments.units == 0 ? pack_and_compare(bytes, region) : read_and_compare(bytes, segments, region, info.width);
  } catch (const springbok::Error&) {
    return 0;
  }
  return 0;
}
