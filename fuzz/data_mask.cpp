// Reads any bytes as a mask; what it gives has classes of the source and the image's size, nothing else.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>

#include "springbok/base/error.h"
#include "springbok/data/masks/mask_file.h"
#include "springbok/image/decode.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace springbok;
  constexpr std::size_t kClasses = 21;
  constexpr std::int64_t kMostPixels = std::int64_t{1} << 20;
  try {
    const auto bytes = std::as_bytes(std::span(data, size));
    const image::ImageInfo info = image::probe(bytes, "fuzzed");
    if (std::int64_t{info.height} * info.width > kMostPixels) return 0;
    const image::Image mask = data::decode_mask(bytes, "fuzzed", {info.height, info.width}, kClasses);
    const auto known = [](std::uint8_t index) { return index < kClasses || index == data::kIgnored; };
    const bool fits = mask.height == info.height && mask.width == info.width && mask.channels == 1;
    if (!fits || !std::all_of(mask.pixels.begin(), mask.pixels.end(), known)) {
      throw std::logic_error("a mask is not what it should be");
    }
  } catch (const Error&) {
    return 0;
  }
  return 0;
}
