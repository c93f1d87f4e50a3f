// Resizing: the vectorised passes equal the plain ones on every instruction set, and fused steps equal separate ones.
#include "springbok/image/resize.h"

#include <gtest/gtest.h>

#include "samples.h"
#include "springbok/base/error.h"
#include "springbok/base/rng.h"
#include "springbok/image/geometry.h"
#include "springbok/image/passes.h"
#include "tests/support/message_of.h"

namespace springbok::image {
namespace {

Rows rows_of(const Image& image) {
  return {image.pixels.data(), image.stride(), image.height, image.width, image.channels, image.pixels.size()};
}

constexpr Filter kFilters[] = {Filter::box, Filter::bilinear, Filter::hamming, Filter::bicubic, Filter::lanczos};

/// Both passes, vectorised and plain, from `size` columns (rows) to `outputs`.
void compare_passes(int size, int outputs, int channels, Filter filter, bool extreme) {
  Image image = formula(size, size, channels);
  if (extreme) {
    for (std::uint8_t& value : image.pixels) value = value < 128 ? 0 : 255;  // the largest sums
  }
  const Axis axis{size, 0, static_cast<float>(size), outputs, 0, outputs, size % 2 == 1};
  const Taps taps = make_taps(axis, filter);
  std::vector<std::uint8_t> fast(static_cast<std::size_t>(size) * outputs * channels), plain(fast.size());
  const auto where = [&] { return format("{} -> {}, {} channels, filter {}", size, outputs, channels, int(filter)); };
  horizontal_pass(rows_of(image), taps, fast.data());
  horizontal_pass_plain(rows_of(image), taps, plain.data());
  ASSERT_EQ(fast, plain) << "across " << where();
  vertical_pass(rows_of(image), taps, fast.data());
  vertical_pass_plain(rows_of(image), taps, plain.data());
  ASSERT_EQ(fast, plain) << "down " << where();
}

TEST(Passes, EveryInstructionSetEqualsThePlainTwin) {
  on_every_instruction_set([] {
    Rng rng(1, "sizes");
    for (int size = 1; size <= 65; ++size) {
      for (const int channels : {1, 3, 4}) {
        const int outputs = 1 + static_cast<int>(rng.below(80));
        compare_passes(size, outputs, channels, kFilters[(size + channels) % 5], size % 4 == 0);
      }
    }
    compare_passes(1500, 3, 3, Filter::lanczos, true);
  });
}

TEST(Resize, FusedEqualsStepByStep) {
  const Image image = formula(90, 120, 3);
  for (const PassOrder order : {PassOrder::pillow12, PassOrder::pillow13}) {
    for (const Filter filter : {Filter::nearest, Filter::bilinear, Filter::bicubic}) {
      const Region cut{11, 7, 70, 100}, window{3, 5, 20, 31};
      const Image stepwise = flip_horizontally(crop(resize(crop(image, cut), 32, 48, filter, order), window));
      const Image fused = resize(
          image,
          {.height = 32, .width = 48, .filter = filter, .order = order, .crop = cut, .window = window, .flip = true});
      EXPECT_EQ(fused, stepwise);
    }
  }
}

TEST(Resize, ToItsOwnSizeIsACopy) {
  const Image image = formula(13, 17, 4);
  for (const Filter filter : {Filter::nearest, Filter::bilinear, Filter::lanczos}) {
    EXPECT_EQ(resize(image, 13, 17, filter), image);
  }
}

TEST(Resize, ReusesMemoryOfAnyShape) {
  const Image image = formula(50, 60, 3);
  EXPECT_EQ(resize(image, {.height = 20, .width = 30}, formula(99, 3, 4)), resize(image, 20, 30, Filter::bilinear));
}

TEST(Resize, BrokenRegionsAreOurBug) {
  const Image image = formula(10, 10, 3);
  EXPECT_THROW(resize(image, 0, 5, Filter::bilinear), Error);
  EXPECT_THROW(resize(image, {.height = 5, .width = 5, .crop = Region{0, 0, 11, 5}}), Error);
  EXPECT_THROW(resize(image, {.height = 5, .width = 5, .box = Box{0, 0, 11, 5}}), Error);
  EXPECT_THROW(resize(image, {.height = 5, .width = 5, .window = Region{4, 4, 2, 1}}), Error);
}

TEST(Resize, UnknownNamesListTheChoices) {
  EXPECT_EQ(testing::message_of<UsageError>([] { filter_from_name("bilinaer"); }),
            "unknown filter 'bilinaer'; known are nearest, box, bilinear, hamming, bicubic, lanczos");
  EXPECT_EQ(testing::message_of<UsageError>([] { pass_order_from_name("pillow"); }),
            "unknown resampler 'pillow'; known are pillow12, pillow13");
}

// torchvision.transforms.v2.functional.resize([n]) and center_crop.
TEST(Sizes, BeyondTheLimitAreAnError) {
  EXPECT_EQ(shorter_side_to({1, 1'000'000}, 256), (Size{256, 256'000'000}));
  EXPECT_EQ(testing::message_of<Error>([] {
              shorter_side_to({1, 60'000'000}, 256);
            }),
            "1 x 60,000,000 pixels (height x width) cannot be scaled to a shorter side of 256, the longer one would be "
            "over the limit of 268,435,456; crop or remove the image");
  EXPECT_THROW(shorter_side_to({1 << 28, 1}, 9), Error);
}

TEST(Sizes, AreTorchvisions) {
  EXPECT_EQ(shorter_side_to({375, 500}, 256), (Size{256, 341}));
  EXPECT_EQ(shorter_side_to({500, 375}, 256), (Size{341, 256}));
  EXPECT_EQ(shorter_side_to({3, 1000}, 8), (Size{8, 2666}));
  EXPECT_EQ(centre({256, 341}, {224, 224}), (Region{16, 58, 224, 224}));  // 58.5 goes to the even side
  EXPECT_EQ(centre({227, 225}, {224, 224}), (Region{2, 0, 224, 224}));    // 1.5 and 0.5 too
}

}  // namespace
}  // namespace springbok::image
