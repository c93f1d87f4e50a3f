// Masks as people look at them: colours by hand.
#include "springbok/image/paint.h"

#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "tests/support/message_of.h"

namespace springbok::image {
namespace {

using springbok::testing::message_of;

Image row_of(std::vector<std::uint8_t> pixels, int channels = 1) {
  Image image(1, static_cast<int>(pixels.size()) / channels, channels);
  image.pixels = std::move(pixels);
  return image;
}

const Palette kPalette = voc_palette();

TEST(Paint, ColoursAreThePalettes) {
  EXPECT_EQ(coloured(row_of({0, 1, 15, 255}), kPalette).pixels,
            (std::vector<std::uint8_t>{0, 0, 0, 128, 0, 0, 192, 128, 128, 224, 224, 192}));
  EXPECT_EQ(hex_colour(kPalette, 15), "#c08080");
  EXPECT_EQ(message_of<Error>([] { coloured(row_of({2}), Palette(2)); }),
            "a palette of 2 colours has none for index 2");
}

TEST(Paint, OverlaysMixHalfAndHalfAndDrawOutlines) {
  // ground, two of class 1 (the second is an outline), class 2, and what counts for nothing
  const Image grey = row_of({100, 100, 101, 100, 7});
  EXPECT_EQ(overlay(grey, row_of({0, 1, 1, 2, 255}), kPalette).pixels,
            (std::vector<std::uint8_t>{100, 100, 100, 114, 50, 50, 128, 0, 0, 0, 128, 0, 7, 7, 7}));
  EXPECT_EQ(message_of<Error>([&] { overlay(grey, row_of({0}), kPalette); }),
            "a mask of 1 x 1 does not fit an image of 1 x 5");
}

TEST(Paint, ErrorsAreRedAndWhatDoesNotCountPale) {
  const Image map = error_map(row_of({0, 255, 90, 90}), row_of({1, 1, 255, 0}), row_of({1, 2, 0, 0}));
  EXPECT_EQ(map.pixels, (std::vector<std::uint8_t>{170, 170, 170, 214, 39, 40, 224, 224, 192, 200, 200, 200}));
  EXPECT_EQ(message_of<Error>([] {
              error_map(row_of({1}), row_of({1}), row_of({1, 1, 1}, 3));
            }),
            "a mask has one channel, not 3");
}

}  // namespace
}  // namespace springbok::image
