// Masks as PNGs: their indices come back, whatever their colours.
#include "springbok/image/palette.h"

#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "springbok/image/decode.h"
#include "springbok/image/encode.h"
#include "tests/support/message_of.h"

namespace springbok::image {
namespace {

using springbok::testing::message_of;
using Colour = std::array<std::uint8_t, 3>;

Image mask() {
  Image image(5, 7, 1);
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = static_cast<std::uint8_t>(i % 4 == 3 ? 255 : i);
  return image;
}

TEST(Palette, IsVocs) {
  const Palette palette = voc_palette();
  EXPECT_EQ(palette.size(), 256U);
  EXPECT_EQ(palette[1], (Colour{128, 0, 0}));
  EXPECT_EQ(palette[20], (Colour{0, 64, 128}));
  EXPECT_EQ(palette[255], (Colour{224, 224, 192}));
}

TEST(Palette, IndicesComeBackAndShowTheirColours) {
  const std::vector<std::byte> png = encode_indices(mask(), voc_palette());
  const Indexed read = decode_indices(png, "mask.png");
  EXPECT_EQ(read.indices, mask());
  EXPECT_EQ(read.palette, voc_palette());
  const Image colours = decode(png, 3, "mask.png");
  EXPECT_EQ(colours.row(0)[3], 128);      // class 1, red
  EXPECT_EQ(colours.row(0)[3 * 3], 224);  // ignored
}

TEST(Palette, GreyIsReadAsNumbersAndColoursAreRefused) {
  EXPECT_EQ(decode_indices(encode_png(mask()), "mask.png").indices, mask());
  EXPECT_TRUE(decode_indices(encode_png(mask()), "mask.png").palette.empty());
  EXPECT_EQ(
      message_of<Error>([] { decode_indices(encode_png(Image(2, 2, 3)), "mask.png"); }),
      "mask.png: a mask is a PNG with a palette, or grey with 8 bits or fewer; this one has 3 channels of 8 bits");
  std::vector<std::byte> cut = encode_indices(mask(), voc_palette());
  cut.resize(cut.size() / 2);
  EXPECT_TRUE(message_of<Error>([&] { decode_indices(cut, "mask.png"); }).starts_with("mask.png: truncated PNG"));
  EXPECT_EQ(message_of<Error>([] { encode_indices(mask(), {}); }), "a palette for masks has 256 colours, not 0");
}

}  // namespace
}  // namespace springbok::image
