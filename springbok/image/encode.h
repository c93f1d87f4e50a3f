// Encoding: pixels to JPEG or PNG bytes.
#pragma once

#include <cstddef>
#include <vector>

#include "springbok/image/image.h"

namespace springbok::image {

/// PNG, lossless. 1 (grey), 3 (RGB) or 4 (RGBA) channels.
std::vector<std::byte> encode_png(const Image& image);

struct JpegOptions {
  int quality = 90;       ///< 1 to 100
  int chroma_width = 2;   ///< columns that share a chroma sample, 1 to 4 (ignored for grey)
  int chroma_height = 2;  ///< rows that do, 1 to 4
  bool progressive = false;
};

/// JPEG. 1 (grey) or 3 (RGB) channels.
std::vector<std::byte> encode_jpeg(const Image& image, const JpegOptions& options = {});

}  // namespace springbok::image
