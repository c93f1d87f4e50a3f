// An image in memory: 8-bit pixels, rows top to bottom, channels interleaved.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace springbok::image {

/// Height x width x channels bytes, (H,W,C) row-major. 1 channel is grey, 3 RGB, 4 RGBA.
struct Image {
  int height = 0;
  int width = 0;
  int channels = 0;
  std::vector<std::uint8_t> pixels;

  Image() = default;
  Image(int h, int w, int c);  ///< black; throws Error for sizes that cannot be

  std::size_t stride() const { return static_cast<std::size_t>(width) * channels; }
  std::uint8_t* row(int y) { return pixels.data() + y * stride(); }
  const std::uint8_t* row(int y) const { return pixels.data() + y * stride(); }
  bool operator==(const Image&) const = default;
};

/// An image of that shape in the memory of `reused`, so that a loop allocates once; its pixels are not specified.
inline Image reshaped(Image reused, int height, int width, int channels) {
  reused.height = height;
  reused.width = width;
  reused.channels = channels;
  reused.pixels.resize(reused.stride() * height);
  return reused;
}

}  // namespace springbok::image
