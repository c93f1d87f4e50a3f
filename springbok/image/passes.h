// Inside the room: the two passes of a resize over rows of bytes, plain and vectorised; both give the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "springbok/image/taps.h"

namespace springbok::image {

/// Rows of interleaved pixels somewhere in memory. `readable` bytes from `pixels` on may be read (never used).
struct Rows {
  const std::uint8_t* pixels = nullptr;
  std::size_t stride = 0;
  int height = 0;
  int width = 0;
  int channels = 0;
  std::size_t readable = 0;
};

/// out[y][i] = taps over columns of in[y], for all rows: (height, outputs, channels), packed. 1 to 4 channels.
void horizontal_pass(const Rows& in, const Taps& taps, std::uint8_t* out);
/// out[i][x] = taps over rows, for all columns: (outputs, width, channels), packed.
void vertical_pass(const Rows& in, const Taps& taps, std::uint8_t* out);

/// The definitions, one multiplication at a time.
void horizontal_pass_plain(const Rows& in, const Taps& taps, std::uint8_t* out);
void vertical_pass_plain(const Rows& in, const Taps& taps, std::uint8_t* out);

}  // namespace springbok::image
