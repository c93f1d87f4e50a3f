// Decoding a part equals cutting it out of the whole, for every kind of subsampling and place.
#include <gtest/gtest.h>

#include "samples.h"
#include "springbok/base/error.h"
#include "springbok/base/rng.h"
#include "springbok/image/decode.h"
#include "springbok/image/encode.h"
#include "springbok/image/geometry.h"
#include "springbok/image/jpeg/pack.h"

namespace springbok::image {
namespace {

using Bytes = std::vector<std::byte>;

Region random_region(Rng& rng, int height, int width) {
  Region region;
  region.height = 1 + static_cast<int>(rng.below(height));
  region.width = 1 + static_cast<int>(rng.below(width));
  region.top = static_cast<int>(rng.below(height - region.height + 1));
  region.left = static_cast<int>(rng.below(width - region.width + 1));
  return region;
}

void expect_parts_equal(const Bytes& bytes, int channels, int count, const std::string& what) {
  const Image whole = decode(bytes, channels, what);
  Rng rng(7, what);
  Image reused;
  for (int i = 0; i < count; ++i) {
    const Region region = random_region(rng, whole.height, whole.width);
    Part part = decode_part(bytes, region, channels, what, std::move(reused));
    EXPECT_EQ(crop(part.pixels, part.region), crop(whole, region))
        << what << ": rows " << region.top << "+" << region.height << ", columns " << region.left << "+"
        << region.width;
    reused = std::move(part.pixels);
  }
}

TEST(DecodePart, EqualsTheCropOfTheWhole) {
  for (const auto& [height, width] : {std::pair{203, 307}, {64, 96}, {40, 65}, {311, 33}, {9, 200}, {1, 77}, {50, 1}}) {
    for (const int chroma_width : {1, 2, 4}) {
      for (const int chroma_height : {1, 2}) {
        for (const bool progressive : {false, true}) {
          const Bytes bytes = encode_jpeg(formula(height, width, 3), {.quality = 80,
                                                                      .chroma_width = chroma_width,
                                                                      .chroma_height = chroma_height,
                                                                      .progressive = progressive});
          expect_parts_equal(bytes, 3, 30,
                             format("{}x{} {}x{} {}", height, width, chroma_width, chroma_height, progressive));
        }
      }
    }
  }
}

TEST(DecodeReduced, EqualsThePartOfTheReducedWhole) {
  for (const auto& [chroma_width, chroma_height] : {std::pair{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}, {4, 2}}) {
    for (const bool progressive : {false, true}) {
      const Bytes bytes = encode_jpeg(
          formula(203, 307, 3),
          {.quality = 80, .chroma_width = chroma_width, .chroma_height = chroma_height, .progressive = progressive});
      const std::optional<PackedJpeg> packed = pack_jpeg(bytes, "packed");
      ASSERT_TRUE(packed);
      for (const int factor : {2, 4, 8}) {
        const Image whole = decode_reduced(bytes, {0, 0, 203, 307}, factor, 3, "whole")->pixels;
        EXPECT_EQ(whole.height, (203 + factor - 1) / factor);
        Rng rng(7, format("{} {} {} {}", chroma_width, chroma_height, progressive, factor));
        for (int i = 0; i < 20; ++i) {
          const Region region = random_region(rng, 203, 307);
          const auto own = decode_reduced(bytes, region, factor, 3, "part");
          const auto spliced = decode_reduced(packed->bytes, region, factor, 3, "spliced", {}, packed->segments());
          for (const auto& each : {own, spliced}) {
            const auto by = static_cast<float>(factor);
            EXPECT_EQ(each->box.right - each->box.left, static_cast<float>(region.width) / by);
            EXPECT_EQ(each->box.bottom - each->box.top, static_cast<float>(region.height) / by);
            const Region there{.top = static_cast<int>(each->box.top),
                               .left = static_cast<int>(each->box.left),
                               .height = (region.top + region.height + factor - 1) / factor - region.top / factor,
                               .width = (region.left + region.width + factor - 1) / factor - region.left / factor};
            const Region here{region.top / factor, region.left / factor, there.height, there.width};
            EXPECT_EQ(crop(each->pixels, there), crop(whole, here))
                << factor << ": " << region.top << ", " << region.left;
          }
        }
      }
    }
  }
}

TEST(DecodePart, EqualsTheCropForEveryKindOfFile) {
  for (const char* file :
       {"420.jpg", "422.jpg", "444.jpg", "440.jpg", "411.jpg", "410.jpg", "progressive.jpg", "restarts.jpg", "grey.jpg",
        "one_pixel.jpg", "rgb.jpg", "cmyk.jpg", "rgba.png", "interlaced.png", "palette.png", "lossy.webp"}) {
    for (const int channels : {1, 3}) expect_parts_equal(encoded_file(file), channels, 100, file);
  }
}

/// The file up to each of its scans, and ended there.
std::vector<Bytes> without_last_scans(const Bytes& bytes) {
  std::vector<Bytes> cut;
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    if (bytes[i] != std::byte{0xFF} || bytes[i + 1] != std::byte{0xDA}) continue;
    cut.emplace_back(bytes.begin(), bytes.begin() + static_cast<long>(i));
    cut.back().insert(cut.back().end(), {std::byte{0xFF}, std::byte{0xD9}});
  }
  cut.erase(cut.begin());  // of the first one nothing is there
  return cut;
}

TEST(DecodePart, EqualsTheCropForProgressiveFilesThatLackScans) {
  for (const int channels : {1, 3}) {
    for (const auto& [across, down] : {std::pair{1, 1}, {2, 1}, {1, 2}, {2, 2}}) {
      const Bytes bytes =
          encode_jpeg(formula(75, 101, channels),
                      {.quality = 85, .chroma_width = across, .chroma_height = down, .progressive = true});
      const std::vector<Bytes> cut = without_last_scans(bytes);
      EXPECT_GE(cut.size(), channels == 1 ? 5U : 9U);
      for (std::size_t i = 0; i < cut.size(); ++i) {
        const std::string what = format("{} channels, {}x{}, {} scans", channels, across, down, i + 1);
        expect_parts_equal(cut[i], 3, 20, what);
        EXPECT_FALSE(pack_jpeg(cut[i], what)) << what;  // smoothed, which a baseline file would not be
      }
    }
  }
}

TEST(DecodePart, TruncationBelowTheRegionIsNoticed) {
  for (const char* file : {"420.jpg", "progressive.jpg", "restarts.jpg", "grey.jpg", "rgb.png"}) {
    Bytes bytes = encoded_file(file);
    bytes.resize(bytes.size() - 2);
    EXPECT_THROW(decode_part(bytes, {0, 0, 2, 2}, 3, file), Error) << file;
    EXPECT_THROW(decode_part(bytes, {0, 0, 37, 53}, 3, file), Error) << file;
  }
}

TEST(DecodePart, DecodesLessThanTheWhole) {
  const Bytes bytes = encode_jpeg(formula(400, 600, 3));
  const Part part = decode_part(bytes, {200, 300, 50, 100}, 3, "x");
  EXPECT_LT(part.pixels.height, 55);
  EXPECT_LT(part.pixels.width, 125);
}

TEST(DecodePart, ARegionOutsideIsAnError) {
  EXPECT_THROW(decode_part(encoded_file("420.jpg"), {0, 0, 38, 10}, 3, "x"), Error);
  EXPECT_THROW(decode_part(encoded_file("rgb.png"), {0, 50, 3, 4}, 3, "x"), Error);
}

}  // namespace
}  // namespace springbok::image
