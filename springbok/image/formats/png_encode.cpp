// Pixels to PNG, through libpng's simplified interface.
#include <png.h>

#include "springbok/base/error.h"
#include "springbok/image/encode.h"
#include "springbok/image/expect.h"
#include "springbok/image/palette.h"

namespace springbok::image {

namespace {

/// What is common to both: `colours` are the palette's, null where the format has none.
std::vector<std::byte> written(png_image& png, const Image& image, const void* colours) {
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width);
  png.height = static_cast<png_uint_32>(image.height);
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
  std::vector<std::byte> bytes(size);
  if (png_image_write_to_memory(&png, bytes.data(), &size, 0, image.pixels.data(), 0, colours) == 0) {
    fail("cannot encode a {} x {} PNG: {}", image.height, image.width, png.message);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace

std::vector<std::byte> encode_png(const Image& image) {
  expect_channels(image, {1, 3, 4}, "PNG");
  png_image png{};
  png.format = image.channels == 1 ? PNG_FORMAT_GRAY : image.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
  return written(png, image, nullptr);
}

std::vector<std::byte> encode_indices(const Image& indices, const Palette& palette) {
  expect_channels(indices, {1}, "PNG with a palette");
  if (palette.size() != 256) fail("a palette for masks has 256 colours, not {}", palette.size());
  png_image png{};
  png.format = PNG_FORMAT_RGB_COLORMAP;
  png.colormap_entries = static_cast<png_uint_32>(palette.size());
  return written(png, indices, palette.data());
}

}  // namespace springbok::image
