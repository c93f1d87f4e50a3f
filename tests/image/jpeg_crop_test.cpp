// The own decoder of baseline JPEGs against libjpeg-turbo, and which files it leaves to that.
#include <gtest/gtest.h>

#include <algorithm>

#include "samples.h"
#include "springbok/base/rng.h"
#include "springbok/base/text.h"
#include "springbok/image/decode.h"
#include "springbok/image/encode.h"
#include "springbok/image/geometry.h"
#include "springbok/image/jpeg/crop.h"

namespace springbok::image {
namespace {

using Bytes = std::vector<std::byte>;

/// Every pixel at random: coefficients as large as they get, and sums that leave the range of a byte.
Image noise(int height, int width) {
  Rng rng(3, "noise");
  Image image(height, width, 3);
  for (std::uint8_t& value : image.pixels) value = static_cast<std::uint8_t>(rng.below(256));
  return image;
}

void expect_own_equals_libjpeg(const Bytes& bytes, const std::string& what) {
  const Image whole = decode(bytes, 3, what);  // by libjpeg
  Rng rng(11, what);
  Image reused;
  for (int i = 0; i < 25; ++i) {
    Region region{.top = 0, .left = 0, .height = whole.height, .width = whole.width};
    if (i > 0) {
      region.height = 1 + static_cast<int>(rng.below(whole.height));
      region.width = 1 + static_cast<int>(rng.below(whole.width));
      region.top = static_cast<int>(rng.below(whole.height - region.height + 1));
      region.left = static_cast<int>(rng.below(whole.width - region.width + 1));
    }
    std::optional<Image> own = decode_baseline_region(bytes, region, {}, reused);
    ASSERT_TRUE(own) << what;
    ASSERT_EQ(*own, crop(whole, region)) << what << ": rows " << region.top << "+" << region.height << ", columns "
                                         << region.left << "+" << region.width;
    reused = std::move(*own);
  }
}

void compare_at_every_quality(const Image& image, const std::string& what) {
  for (const auto& [across, down] : {std::pair{1, 1}, {2, 1}, {2, 2}}) {
    for (const int quality : {1, 30, 75, 95, 100}) {
      const Bytes bytes = encode_jpeg(image, {.quality = quality, .chroma_width = across, .chroma_height = down});
      expect_own_equals_libjpeg(bytes, format("{} {}x{} q{}", what, across, down, quality));
    }
  }
}

TEST(JpegCrop, EqualsLibjpegForEverySubsamplingQualityAndSize) {
  on_every_instruction_set([] {
    for (const auto& [height, width] : {std::pair{16, 16}, {17, 33}, {64, 48}, {101, 190}}) {
      compare_at_every_quality(formula(height, width, 3), format("{}x{}", height, width));
      compare_at_every_quality(noise(height, width), format("{}x{} noise", height, width));
    }
  });
}

/// Every quantisation step of a file becomes `step`.
void set_steps(Bytes& bytes, int step) {
  constexpr std::size_t kHead = 5;  // marker, length and the table's number
  for (std::size_t i = 0; i + kHead + 64 <= bytes.size(); ++i) {
    if (bytes[i] != std::byte{0xFF} || bytes[i + 1] != std::byte{0xDB}) continue;
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(i + kHead), 64, static_cast<std::byte>(step));
  }
}

/// Sums of the transform that do not fit 16 bits are libjpeg's.
TEST(JpegCrop, TakesNoCoefficientsThatAreTooLarge) {
  on_every_instruction_set([] {
    Image reused;
    for (const int step : {1, 2, 3, 4, 5, 6, 8, 12, 255}) {
      Bytes bytes = encode_jpeg(noise(48, 64), {.quality = 100, .chroma_width = 1, .chroma_height = 1});
      set_steps(bytes, step);
      const std::optional<Image> own = decode_baseline_region(bytes, {0, 0, 48, 64}, {}, reused);
      if (own) {
        EXPECT_EQ(*own, decode(bytes, 3, "large")) << step;
      }
      if (step == 1 || step == 255) {
        EXPECT_EQ(own.has_value(), step == 1) << step;
      }
    }
  });
}

TEST(JpegCrop, EqualsLibjpegAcrossRestartMarkers) {
  expect_own_equals_libjpeg(encoded_file("restarts.jpg"), "restarts.jpg");
}

TEST(JpegCrop, LeavesOtherKindsToLibjpeg) {
  Image reused;
  for (const char* file : {"progressive.jpg", "grey.jpg", "cmyk.jpg", "rgb.jpg", "440.jpg", "411.jpg", "410.jpg",
                           "one_pixel.jpg", "rgb.png"}) {
    EXPECT_FALSE(decode_baseline_region(encoded_file(file), {0, 0, 1, 1}, {}, reused)) << file;
  }
}

/// Whatever is changed in a file: the own decoder gives pixels or leaves it to libjpeg, and reads nothing beyond its
/// end.
TEST(JpegCrop, SurvivesDamage) {
  const Bytes good = encode_jpeg(formula(48, 64, 3), {.quality = 80, .chroma_width = 2, .chroma_height = 2});
  Rng rng(5, "damage");
  Image reused;
  for (int i = 0; i < 3000; ++i) {
    Bytes bytes(good.begin(), good.end() - static_cast<std::ptrdiff_t>(i % 3 == 0 ? rng.below(good.size()) : 0));
    for (int changes = 0; changes < 4 && !bytes.empty(); ++changes) {
      bytes[rng.below(bytes.size())] = static_cast<std::byte>(rng.below(256));
    }
    std::optional<Image> own = decode_baseline_region(bytes, {8, 8, 30, 40}, {}, reused);
    if (own) {
      EXPECT_EQ(own->pixels.size(), 30U * 40 * 3);
    }
  }
}

}  // namespace
}  // namespace springbok::image
