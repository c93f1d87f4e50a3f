// Decodes any bytes as an image, whole and in part.
#include <cstddef>
#include <cstdint>
#include <span>

#include "springbok/base/error.h"
#include "springbok/image/decode.h"
#include "springbok/image/exif.h"

namespace {
constexpr std::int64_t kMostPixels = std::int64_t{1} << 22;  // beyond, a run measures patience
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  springbok::image::exif_orientation(bytes);
  try {
    const springbok::image::ImageInfo info = springbok::image::probe(bytes, "fuzz");
    if (std::int64_t{info.height} * info.width > kMostPixels) return 0;
    springbok::image::decode(bytes, 3, "fuzz");
    const springbok::image::Region middle{info.height / 3, info.width / 3, (info.height + 2) / 3, (info.width + 2) / 3};
    springbok::image::decode_part(bytes, middle, 1, "fuzz");
  } catch (const springbok::Error&) {
    return 0;
  }
  return 0;
}
