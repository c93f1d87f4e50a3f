// Segmentation's joint transforms: Pillow's pixels for the same numbers, and draws within their limits.
#include "springbok/data/augment/joint.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/data/support.h"

namespace springbok::data {
namespace {

std::string sha256_of(const image::Image& image) {
  return sha256(std::as_bytes(std::span(image.pixels)));
}

TEST(Joint, EqualsPillow) {
  int rows = 0;
  for (const auto& row : fixture_rows("policies.json")) {
    if (row["kind"] != "joint") continue;
    ++rows;
    const int height = row["image"][0], width = row["image"][1];
    const JointChoice choice{.scale = row["scale"], .flip = row["flip"], .top = row["at"][0], .left = row["at"][1]};
    const Labelling result = apply_joint({picture(height, width, 3), picture(height, width, 1)}, choice, row["crop"],
                                         {7, 8, 9}, image::PassOrder::pillow13);
    EXPECT_EQ(sha256_of(result.image), row["sha256"].get<std::string>()) << row;
    EXPECT_EQ(sha256_of(result.mask), row["mask"].get<std::string>()) << row;
  }
  EXPECT_EQ(rows, 6);
}

TEST(Joint, ScalesAreLogUniformAndCutsLieInside) {
  int small = 0, flipped = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    Rng rng(4, {i});
    const JointChoice choice = choose_joint({.crop = 40}, {50, 70}, rng);
    ASSERT_TRUE(choice.scale >= 0.5 && choice.scale <= 2);
    small += choice.scale < 1;
    flipped += choice.flip;
    const Labelling result = apply_joint({picture(50, 70, 3), picture(50, 70, 1)}, choice, 40, {});
    ASSERT_EQ(result.image.height, 40);
    ASSERT_EQ(result.mask.width, 40);
  }
  EXPECT_NEAR(small, 1000, 120);  // as many halves as doubles
  EXPECT_NEAR(flipped, 1000, 120);
}

TEST(Joint, PaddingCountsForNothing) {
  const Labelling padded = pad_to({picture(3, 4, 3), picture(3, 4, 1)}, 6, mean_colour({}));
  EXPECT_EQ(padded.mask.row(5)[5], kIgnored);
  EXPECT_EQ(padded.mask.row(2)[3], picture(3, 4, 1).row(2)[3]);
  EXPECT_EQ(padded.image.row(4)[0], 124);  // 0.485 of 255
}

}  // namespace
}  // namespace springbok::data
