// Decoding: what is told of a file, and one clear error for everything that is no whole image. The pixels are compared
// with Pillow's in pillow_test.cpp.
#include "springbok/image/decode.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "samples.h"
#include "springbok/base/error.h"
#include "springbok/image/encode.h"
#include "springbok/image/geometry.h"
#include "tests/support/message_of.h"

namespace springbok::image {
namespace {

using Bytes = std::vector<std::byte>;

std::string error_of(const Bytes& bytes) {
  return testing::message_of<Error>([&] { decode(bytes, 3, "a/b.jpg"); });
}

Bytes first(const Bytes& bytes, std::size_t count) {
  return {bytes.begin(), bytes.begin() + static_cast<long>(count)};
}

/// Writes big-endian 16-bit numbers over `bytes` from `at` on.
void overwrite(Bytes& bytes, std::size_t at, std::initializer_list<int> numbers) {
  for (const int number : numbers) {
    bytes[at++] = static_cast<std::byte>(number >> 8);
    bytes[at++] = static_cast<std::byte>(number & 255);
  }
}

std::size_t find(const Bytes& bytes, std::initializer_list<int> wanted) {
  const auto equal = [](std::byte b, int w) { return std::to_integer<int>(b) == w; };
  return std::search(bytes.begin(), bytes.end(), wanted.begin(), wanted.end(), equal) - bytes.begin();
}

TEST(Probe, TellsFormatAndShape) {
  const auto expect = [](const char* file, Format format, int channels, int bits) {
    const ImageInfo info = probe(encoded_file(file), file);
    EXPECT_EQ(info.format, format) << file;
    EXPECT_EQ(info.height, file == std::string("grey16.png") ? 16 : 37) << file;
    EXPECT_EQ(info.width, file == std::string("grey16.png") ? 16 : 53) << file;
    EXPECT_EQ(info.channels, channels) << file;
    EXPECT_EQ(info.bits, bits) << file;
  };
  expect("420.jpg", Format::jpeg, 3, 8);
  expect("grey.jpg", Format::jpeg, 1, 8);
  expect("cmyk.jpg", Format::jpeg, 4, 8);
  expect("rgba.png", Format::png, 4, 8);
  expect("grey_alpha.png", Format::png, 2, 8);
  expect("palette_4bit.png", Format::png, 3, 4);
  expect("grey16.png", Format::png, 1, 16);
  expect("lossy.webp", Format::webp, 3, 8);
  expect("alpha.webp", Format::webp, 4, 8);
}

TEST(Decode, InterlacedEqualsPlain) {
  EXPECT_EQ(decode(encoded_file("interlaced.png"), 3, "i"), decode(encoded_file("rgb.png"), 3, "p"));
}

TEST(Decode, EmptyFile) {
  EXPECT_EQ(error_of({}), "a/b.jpg: the file is empty; replace or remove it");
  EXPECT_THROW(probe({}, "x"), Error);
}

TEST(Decode, WhatIsNoImageIsNamed) {
  EXPECT_EQ(
      error_of(Bytes(10, std::byte{0x3C})),
      "a/b.jpg: not a JPEG, PNG, WebP, BMP, PNM, TIFF or GIF image (it starts with 3c 3c 3c 3c); convert or remove "
      "it");
}

TEST(Decode, TruncatedFilesAreErrorsWhereverTheyEnd) {
  for (const char* file : {"420.jpg", "444.jpg", "progressive.jpg", "restarts.jpg", "grey.jpg", "cmyk.jpg", "rgb.png",
                           "palette.png", "interlaced.png", "lossy.webp", "lossless.webp", "alpha.webp"}) {
    const Bytes whole = encoded_file(file);
    for (std::size_t size = 1; size < whole.size(); size += 1 + whole.size() / 97) {
      EXPECT_THROW(decode(first(whole, size), 3, file), Error) << file << " cut to " << size;
    }
    EXPECT_THROW(decode(first(whole, whole.size() - 1), 3, file), Error) << file << " without its last byte";
  }
}

TEST(Decode, TruncationIsSaidWithByteCounts) {
  const Bytes jpeg = encoded_file("420.jpg");
  EXPECT_EQ(error_of(first(jpeg, 1500)), "a/b.jpg: truncated JPEG (after 1,500 of 1,500 bytes); replace or remove it");
  EXPECT_EQ(error_of(first(encoded_file("rgb.png"), 1500)),
            "a/b.jpg: truncated PNG (after 1,500 of 1,500 bytes); replace or remove it");
  EXPECT_EQ(error_of(first(encoded_file("lossy.webp"), 900)),
            "a/b.jpg: truncated WebP (after 900 of 900 bytes); replace or remove it");
}

TEST(Decode, DataThatEndBeforeTheImageDoesAreTruncation) {
  Bytes jpeg = first(encoded_file("420.jpg"), 1500);
  overwrite(jpeg, 1498, {0xFFD9});  // an end-of-image marker in the middle, as repair tools leave it
  EXPECT_NE(error_of(jpeg).find("truncated JPEG (after 1,"), std::string::npos) << error_of(jpeg);
}

TEST(Decode, DamagedPngFailsItsChecksum) {
  Bytes png = encoded_file("rgb.png");
  png[2000] ^= std::byte{1};
  EXPECT_NE(error_of(png).find("a/b.jpg: damaged PNG ("), std::string::npos) << error_of(png);
}

TEST(Decode, SixteenBitsOfGreyAreClipped) {
  const Image image = decode(encoded_file("grey16.png"), 1, "x");  // 0, 200, 400, ...
  EXPECT_EQ(std::vector(image.pixels.begin(), image.pixels.begin() + 3), (std::vector<std::uint8_t>{0, 200, 255}));
}

TEST(Decode, AnimationsShowTheirFirstImage) {
  const Image first = decode(encoded_file("animated.webp"), 3, "x");
  EXPECT_EQ(first.height, 37);
  EXPECT_EQ(first.width, 53);
}

TEST(Decode, HugeDimensionsAreRefusedBeforeMemoryIsTaken) {
  Bytes jpeg = encoded_file("420.jpg");
  const std::size_t frame = find(jpeg, {0xFF, 0xC0});
  overwrite(jpeg, frame + 5, {65000, 65000});
  EXPECT_EQ(
      error_of(jpeg),
      "a/b.jpg: 65,000 x 65,000 pixels (height x width) are more than the limit of 268,435,456; scale the image down");
  overwrite(jpeg, frame + 5, {12000, 12000});
  EXPECT_EQ(error_of(jpeg),
            "a/b.jpg: claims 12,000 x 12,000 pixels (height x width) in only 1,989 bytes; replace or remove it");
  overwrite(jpeg, frame + 5, {37, 0});
  EXPECT_THROW(decode(jpeg, 3, "x"), Error);
}

TEST(Decode, UnknownNumberOfComponents) {
  Bytes jpeg = encoded_file("grey.jpg");
  const std::size_t frame = find(jpeg, {0xFF, 0xC0});
  // A frame of two components in the place of the one, its length adjusted: the header then runs into what follows.
  jpeg[frame + 9] = std::byte{2};
  EXPECT_THROW(decode(jpeg, 3, "x"), Error);
}

TEST(Decode, EveryFlippedByteIsDecodedOrRefusedAndNothingElse) {
  for (const char* file : {"420.jpg", "progressive.jpg", "cmyk.jpg", "palette.png", "lossy.webp"}) {
    const Bytes whole = encoded_file(file);
    for (std::size_t i = 0; i < whole.size(); i += 3) {
      Bytes damaged = whole;
      damaged[i] ^= std::byte{0x5A};
      try {
        decode(damaged, 3, file);
      } catch (const Error&) {
      }
    }
  }
}

}  // namespace
}  // namespace springbok::image
