// Images that a caller made: what their pixels do not bear out is an Error, not a read past the end.
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "springbok/base/error.h"
#include "springbok/image/blur.h"
#include "springbok/image/colour.h"
#include "springbok/image/convert.h"
#include "springbok/image/encode.h"
#include "springbok/image/geometry.h"
#include "springbok/image/normalise.h"
#include "springbok/image/resize.h"
#include "springbok/image/tone.h"
#include "springbok/image/warp.h"
#include "tests/support/message_of.h"

namespace springbok::image {
namespace {

using testing::message_of;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Everything that reads an image.
const std::function<void(Image&)> kReaders[] = {
    [](Image& i) { resize(i, 2, 2, Filter::bilinear); },
    [](Image& i) { resize(i, 2, 2, Filter::nearest); },
    [](Image& i) {
      crop(i, {0, 0, 1, 1});
    },
    [](Image& i) { flip_horizontally(i); },
    [](Image& i) { flip_vertically(i); },
    [](Image& i) {
      pad(i, {1, 1, 1, 1});
    },
    [](Image& i) { to_channels(i, 1); },
    [](Image& i) { encode_png(i); },
    [](Image& i) { encode_jpeg(i); },
    [](Image& i) {
      affine(i, {1, 0, 0, 0, 1, 0}, {2, 2}, {});
    },
    [](Image& i) { rotate(i, 90, {}); },
    [](Image& i) { gaussian_blur(i, 1); },
    [](Image& i) { smooth(i); },
    [](Image& i) { adjust_contrast(i, 2); },
    [](Image& i) { adjust_hue(i, 0.1); },
    [](Image& i) { equalise(i); },
    [](Image& i) { autocontrast(i); },
    [](Image& i) {
      std::vector<float> out(64);
      const double mean[] = {0, 0, 0}, std[] = {1, 1, 1};
      Normaliser(mean, std)(i, out.data());
    },
};

TEST(Expect, TooFewOrTooManyPixelsAreNamed) {
  for (const auto& read : kReaders) {
    for (const int bytes : {0, 5, 47, 49}) {
      Image image(4, 4, 3);
      image.pixels.resize(static_cast<std::size_t>(bytes));
      const std::string message = message_of<Error>([&] { read(image); });
      EXPECT_NE(message.find(format("an image of 4 x 4 and 3 channels has 48 bytes of pixels, got {}", bytes)),
                std::string::npos)
          << message;
    }
  }
}

TEST(Expect, SizesAndChannelsThatCannotBe) {
  for (const auto& read : kReaders) {
    Image none, five(2, 2, 3);
    five.channels = 5;
    EXPECT_THROW(read(none), Error);
    EXPECT_THROW(read(five), Error);
  }
  EXPECT_EQ(message_of<Error>([] { Image(-1, 5, 3); }), "there is no image of -1 x 5 and 3 channels");
  EXPECT_EQ(message_of<Error>([] { Image(2147483647, 2147483647, 3); }),
            "there is no image of 2147483647 x 2147483647 and 3 channels");
}

TEST(Expect, AmountsThatCannotBe) {
  Image image(4, 4, 3), grey_alpha(4, 4, 2);
  EXPECT_EQ(message_of<Error>([&] { encode_jpeg(image, {.quality = 0}); }),
            "a JPEG's quality: must be between 1 and 100, got 0");
  EXPECT_EQ(message_of<Error>([&] { encode_jpeg(image, {.chroma_width = 9}); }),
            "columns that share a chroma sample: must be between 1 and 4, got 9");
  EXPECT_EQ(message_of<Error>([&] { encode_jpeg(grey_alpha); }),
            "JPEG: takes 1 or 3 channels, the image has 2; image::to_channels changes them");
  EXPECT_EQ(message_of<Error>([&] { pad(image, {-1, 0, 0, 0}); }), "a border: must be between 0 and 1048576, got -1");
  EXPECT_EQ(message_of<Error>([&] {
              crop(image, {2, 2, 3, 3});
            }),
            "a crop: 3 x 3 pixels at 2, 2 do not lie inside 4 x 4");
  EXPECT_EQ(message_of<Error>([&] { gaussian_blur(image, -1); }),
            "a blur's radius: must be between 0 and 65536, got -1");
  EXPECT_EQ(message_of<Error>([&] { posterise(image, 9); }),
            "the bits that posterising keeps: must be between 0 and 8, got 9");
  EXPECT_EQ(message_of<Error>([&] { adjust_hue(image, 2); }), "a hue's turn: must be between -0.5 and 0.5, got 2");
  EXPECT_THROW(adjust_brightness(image, kNan), Error);
  EXPECT_THROW(rotate(image, kNan, {}), Error);
  EXPECT_THROW(affine(image, {kNan, 0, 0, 0, 1, 0}, {2, 2}, {}), Error);
  EXPECT_THROW(affine(image, {1, 0, 0, 0, 1, 0}, {0, 2}, {}), Error);
  EXPECT_THROW(affine(image, {1, 0, 0, 0, 1, 0}, {2, 2}, {.filter = Filter::lanczos}), Error);
  EXPECT_THROW(to_channels(image, 2), Error);
  EXPECT_THROW(centre({2, 2}, {3, 3}), Error);
}

}  // namespace
}  // namespace springbok::image
