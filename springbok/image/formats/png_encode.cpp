// Pixels to PNG, through libpng's simplified interface.
#include <png.h>

#include "springbok/base/error.h"
#include "springbok/image/encode.h"
#include "springbok/image/expect.h"

namespace springbok::image {

std::vector<std::byte> encode_png(const Image& image) {
  expect_channels(image, {1, 3, 4}, "PNG");
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width);
  png.height = static_cast<png_uint_32>(image.height);
  png.format = image.channels == 1 ? PNG_FORMAT_GRAY : image.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
  std::vector<std::byte> bytes(size);
  if (png_image_write_to_memory(&png, bytes.data(), &size, 0, image.pixels.data(), 0, nullptr) == 0) {
    fail("cannot encode a {} x {} PNG: {}", image.height, image.width, png.message);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace springbok::image
