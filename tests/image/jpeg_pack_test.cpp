// JPEGs packed for reading by parts, against libjpeg-turbo on the files as they were.
#include <gtest/gtest.h>

#include "samples.h"
#include "springbok/base/error.h"
#include "springbok/base/rng.h"
#include "springbok/base/text.h"
#include "springbok/image/decode.h"
#include "springbok/image/encode.h"
#include "springbok/image/geometry.h"
#include "springbok/image/jpeg/crop.h"
#include "springbok/image/jpeg/pack.h"
#include "springbok/image/jpeg/splice.h"

namespace springbok::image {
namespace {

using Bytes = std::vector<std::byte>;

Region random_region(Rng& rng, Size size) {
  Region region;
  region.height = 1 + static_cast<int>(rng.below(static_cast<std::uint64_t>(size.height)));
  region.width = 1 + static_cast<int>(rng.below(static_cast<std::uint64_t>(size.width)));
  const int below = size.height - region.height, beside = size.width - region.width;
  region.top = static_cast<int>(rng.below(static_cast<std::uint64_t>(below) + 1));
  region.left = static_cast<int>(rng.below(static_cast<std::uint64_t>(beside) + 1));
  return region;
}

/// Crops of a packed file, by the own decoder and spliced for libjpeg, are those of the file as it was.
void expect_crops_equal(const Bytes& bytes, const std::string& what) {
  const auto packed = pack_jpeg(bytes, what);
  ASSERT_TRUE(packed) << what;
  const Image whole = decode(bytes, 3, what), grey = decode(bytes, 1, what);
  EXPECT_EQ(decode(packed->bytes, 3, what), whole) << what;
  Rng rng(17, what);
  Bytes spliced;
  for (int i = 0; i < 20; ++i) {
    const Region region =
        i == 0 ? Region{0, 0, whole.height, whole.width} : random_region(rng, {whole.height, whole.width});
    const auto where =
        format("{}: rows {}+{}, columns {}+{}", what, region.top, region.height, region.left, region.width);
    for (const int channels : {3, 1}) {
      const Part part = decode_part(packed->bytes, region, channels, what, {}, packed->segments());
      ASSERT_EQ(crop(part.pixels, part.region), crop(channels == 3 ? whole : grey, region)) << where;
    }
    const auto within = splice_jpeg(packed->bytes, packed->segments(), region, spliced);
    ASSERT_TRUE(within) << where;
    ASSERT_EQ(crop(decode(spliced, 3, what), *within), crop(whole, region)) << where;
  }
}

TEST(JpegPack, CropsAreThoseOfTheFileAsItWas) {
  for (const char* file :
       {"progressive.jpg", "grey.jpg", "cmyk.jpg", "rgb.jpg", "440.jpg", "411.jpg", "one_pixel.jpg", "restarts.jpg"}) {
    expect_crops_equal(encoded_file(file), file);
  }
}

TEST(JpegPack, CropsAreExactForEverySubsamplingAndSize) {
  for (const auto& [height, width] : {std::pair{16, 16}, {17, 33}, {64, 48}, {101, 190}, {40, 37 * 16}, {9, 8 * 31}}) {
    const Image image = formula(height, width, 3);
    for (const auto& [across, down] : {std::pair{1, 1}, {2, 1}, {1, 2}, {2, 2}}) {
      for (const bool progressive : {false, true}) {
        const Bytes bytes = encode_jpeg(
            image, {.quality = 85, .chroma_width = across, .chroma_height = down, .progressive = progressive});
        expect_crops_equal(bytes, format("{}x{} {}x{} progressive {}", height, width, across, down, progressive));
      }
    }
  }
}

/// The own decoder reads the segments, and nothing else: whatever lies in the others.
TEST(JpegPack, OtherSegmentsAreNotRead) {
  const Bytes bytes = encode_jpeg(formula(160, 256, 3), {.quality = 80, .chroma_width = 2, .chroma_height = 2});
  auto packed = pack_jpeg(bytes, "formula");
  ASSERT_TRUE(packed);
  const Region region{.top = 70, .left = 100, .height = 20, .width = 30};
  Image reused;
  const auto expected = decode_baseline_region(packed->bytes, region, packed->segments(), reused);
  ASSERT_TRUE(expected);
  const auto layout = jpeg_layout(packed->bytes);
  ASSERT_TRUE(layout);
  const std::size_t first = packed->segments().length(0) - 2;
  std::fill_n(packed->bytes.begin() + static_cast<std::ptrdiff_t>(layout->data_at), first, std::byte{0xFF});
  EXPECT_EQ(decode_baseline_region(packed->bytes, region, packed->segments(), reused), expected);
  EXPECT_FALSE(decode_baseline_region(packed->bytes, {0, 0, 20, 30}, packed->segments(), reused));
}

TEST(JpegPack, WrongSegmentsAreNotUsed) {
  const Image image = formula(64, 96, 3);
  const Bytes bytes = encode_jpeg(image, {.quality = 80, .chroma_width = 2, .chroma_height = 2});
  const auto packed = pack_jpeg(bytes, "formula");
  ASSERT_TRUE(packed);
  const Region region{.top = 20, .left = 30, .height = 20, .width = 30};
  const Image expected = crop(decode(bytes, 3, "formula"), region);
  Rng rng(3, "segments");
  for (int i = 0; i < 500; ++i) {
    PackedJpeg wrong = *packed;
    if (i % 3 == 0) wrong.units = static_cast<int>(rng.below(6));
    if (i % 3 == 1) wrong.lengths.resize(rng.below(wrong.lengths.size()));
    if (i % 3 == 2) wrong.lengths[rng.below(wrong.lengths.size())] = static_cast<std::byte>(rng.below(256));
    const Part part = decode_part(wrong.bytes, region, 3, "formula", {}, wrong.segments());
    EXPECT_EQ(crop(part.pixels, part.region), expected);
  }
}

TEST(JpegPack, TheWayBackKeepsPixelsAndMarkers) {
  for (const char* file : {"progressive.jpg", "cmyk.jpg", "grey.jpg"}) {
    const Bytes bytes = encoded_file(file);
    const auto packed = pack_jpeg(bytes, file);
    ASSERT_TRUE(packed) << file;
    EXPECT_EQ(decode(unpack_jpeg(packed->bytes, file), 3, file), decode(bytes, 3, file)) << file;
  }
}

/// A segment whose length is wrong is read to another marker than its own.
TEST(JpegPack, SegmentsEndAtTheirMarkers) {
  const Bytes bytes = encode_jpeg(formula(160, 256, 3), {.quality = 80, .chroma_width = 2, .chroma_height = 2});
  auto packed = pack_jpeg(bytes, "formula");
  ASSERT_TRUE(packed);
  const std::size_t end = jpeg_layout(packed->bytes)->data_at + packed->segments().length(0);
  packed->bytes[end - 1] = std::byte{0xD5};
  Image reused;
  EXPECT_FALSE(decode_baseline_region(packed->bytes, {0, 0, 16, 64}, packed->segments(), reused));
  EXPECT_TRUE(decode_baseline_region(packed->bytes, {48, 64, 16, 64}, packed->segments(), reused));
}

TEST(JpegPack, OtherFormatsAreLeftAndDamageIsSaid) {
  EXPECT_FALSE(pack_jpeg(encoded_file("rgb.png"), "rgb.png"));
  Bytes cut = encoded_file("progressive.jpg");
  cut.resize(cut.size() / 2);
  EXPECT_THROW(pack_jpeg(cut, "cut.jpg"), Error);
}

}  // namespace
}  // namespace springbok::image
