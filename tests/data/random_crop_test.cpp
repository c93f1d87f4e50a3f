// RandomResizedCrop's regions: torchvision's for torchvision's random numbers, and spread as they should be.
#include "springbok/data/augment/random_crop.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/data/support.h"

namespace springbok::data {
namespace {

// regions.json: RandomResizedCrop.get_params of torchvision, with the numbers it drew.
TEST(RandomCrop, EqualsTorchvision) {
  int by_try = 0, by_fallback = 0;
  for (const auto& row : fixture_rows("regions.json")) {
    const image::Size image{row["image"][0], row["image"][1]};
    const CropLimits limits{row["scale"][0], row["scale"][1], row["ratio"][0], row["ratio"][1]};
    const image::Region expected{row["region"][0], row["region"][1], row["region"][2], row["region"][3]};
    std::optional<image::Size> size;
    for (const auto& numbers : row["tries"]) {
      size = try_region(image, numbers[0].get<float>(), numbers[1].get<float>());
      if (size) break;
    }
    if (size) {
      ++by_try;
      EXPECT_EQ(*size, (image::Size{expected.height, expected.width})) << row;
    } else {
      ++by_fallback;
      const image::Region found = fallback_region(image, limits);
      EXPECT_EQ(std::tie(found.top, found.left, found.height, found.width),
                std::tie(expected.top, expected.left, expected.height, expected.width))
          << row;
    }
  }
  EXPECT_GT(by_try, 30);
  EXPECT_GT(by_fallback, 5);
}

TEST(RandomCrop, RegionsLieInsideAndInTheLimits) {
  const CropLimits limits;
  double top = 0, share = 0, log_ratio = 0;
  constexpr int kDraws = 5000;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    Rng rng(1, {i});
    const image::Region region = random_region({300, 400}, limits, rng);
    ASSERT_TRUE(region.top >= 0 && region.left >= 0 && region.height >= 1 && region.width >= 1);
    ASSERT_TRUE(region.top + region.height <= 300 && region.left + region.width <= 400);
    if (region.height < 300) top += static_cast<double>(region.top) / (300 - region.height) / kDraws;
    share += static_cast<double>(region.height) * region.width / (300 * 400) / kDraws;
    log_ratio += std::log(static_cast<double>(region.width) / region.height) / kDraws;
  }
  // The means over 20,000 regions that torchvision 0.29.1 draws for this size.
  EXPECT_NEAR(top, 0.4957, 0.02);
  EXPECT_NEAR(share, 0.4351, 0.015);
  EXPECT_NEAR(log_ratio, 0.0314, 0.015);
}

TEST(RandomCrop, UniformFloatsAreTorchs24Bits) {
  Rng rng(3, {});
  for (int i = 0; i < 1000; ++i) {
    const float value = Draws(rng).uniform_float(0.0F, 1.0F);
    ASSERT_TRUE(value >= 0 && value < 1);
    ASSERT_EQ(value * 16777216.0F, std::floor(value * 16777216.0F));
  }
  EXPECT_EQ(Draws(rng).uniform_float(2.5F, 2.5F), 2.5F);
}

}  // namespace
}  // namespace springbok::data
