// The own baseline decoder against libjpeg, on any JPEG: a region of it is the same, or refused.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "image_region.h"
#include "springbok/base/error.h"
#include "springbok/image/decode.h"
#include "springbok/image/geometry.h"
#include "springbok/image/jpeg/crop.h"

namespace {

using namespace springbok::image;

void compare(std::span<const std::byte> bytes, const Region& region) {
  Image reused;
  const auto own = decode_baseline_region(bytes, region, {}, reused);
  if (!own) return;
  const Image whole = decode(bytes, 3, "fuzz");
  if (crop(whole, region) == *own) return;
  std::fprintf(stderr, "rows %d+%d, columns %d+%d differ\n", region.top, region.height, region.left, region.width);
  std::abort();
}

}  // namespace

/// Four bytes that say which region, and the JPEG.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = std::as_bytes(std::span(data, size));
  if (size < springbok::fuzz::kRegion) return 0;
  const auto bytes = input.subspan(springbok::fuzz::kRegion);
  try {
    const ImageInfo info = probe(bytes, "fuzz");
    if (info.format != Format::jpeg || std::int64_t{info.height} * info.width > springbok::fuzz::kMostPixels) return 0;
    compare(bytes, springbok::fuzz::region_of(input, {info.height, info.width}));
  } catch (const springbok::Error&) {
    return 0;
  }
  return 0;
}
