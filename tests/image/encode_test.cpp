// Encoding: what is written reads back.
#include "springbok/image/encode.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "samples.h"
#include "springbok/image/decode.h"
#include "springbok/image/resize.h"

namespace springbok::image {
namespace {

TEST(EncodePng, IsLossless) {
  for (const int channels : {1, 3}) {
    const Image image = formula(23, 31, channels);
    EXPECT_EQ(decode(encode_png(image), channels, "x"), image);
  }
  EXPECT_EQ(probe(encode_png(formula(3, 2, 4)), "x").channels, 4);
}

TEST(EncodeJpeg, IsCloseToTheImage) {
  const Image image = resize(formula(8, 9, 3), 64, 70, Filter::bilinear);
  for (const bool progressive : {false, true}) {
    const auto bytes =
        encode_jpeg(image, {.quality = 97, .chroma_width = 1, .chroma_height = 1, .progressive = progressive});
    const Image back = decode(bytes, 3, "x");
    ASSERT_EQ(back.pixels.size(), image.pixels.size());
    for (std::size_t i = 0; i < image.pixels.size(); ++i)
      ASSERT_LT(std::abs(back.pixels[i] - image.pixels[i]), 12) << i;
  }
  EXPECT_EQ(probe(encode_jpeg(formula(4, 4, 1)), "x").channels, 1);
}

}  // namespace
}  // namespace springbok::image
