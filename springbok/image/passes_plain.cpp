// The two passes of a resize, written plainly: the definition that the vectorised ones are tested against.
#include <algorithm>

#include "springbok/image/passes.h"

namespace springbok::image {
namespace {

constexpr std::int32_t kHalf = 1 << (kWeightBits - 1);

std::uint8_t rounded(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

}  // namespace

void horizontal_pass_plain(const Rows& in, const Taps& taps, std::uint8_t* out) {
  for (int y = 0; y < in.height; ++y) {
    const std::uint8_t* row = in.pixels + y * in.stride;
    for (int i = 0; i < taps.outputs(); ++i) {
      const std::int32_t* weights = &taps.weights[static_cast<std::size_t>(i) * taps.stride];
      const std::uint8_t* from = row + static_cast<std::size_t>(taps.first[i]) * in.channels;
      for (int c = 0; c < in.channels; ++c) {
        std::int32_t sum = kHalf;
        for (int j = 0; j < taps.count[i]; ++j) sum += weights[j] * from[j * in.channels + c];
        *out++ = rounded(sum);
      }
    }
  }
}

void vertical_pass_plain(const Rows& in, const Taps& taps, std::uint8_t* out) {
  const std::size_t row_bytes = static_cast<std::size_t>(in.width) * in.channels;
  for (int i = 0; i < taps.outputs(); ++i) {
    const std::int32_t* weights = &taps.weights[static_cast<std::size_t>(i) * taps.stride];
    const std::uint8_t* from = in.pixels + taps.first[i] * in.stride;
    for (std::size_t x = 0; x < row_bytes; ++x) {
      std::int32_t sum = kHalf;
      for (int j = 0; j < taps.count[i]; ++j) sum += weights[j] * from[j * in.stride + x];
      *out++ = rounded(sum);
    }
  }
}

}  // namespace springbok::image
