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
    const int side = row["crop"];
    const Labelling result = apply_joint({picture(height, width, 3), picture(height, width, 1)}, choice,
                                         {.crop = {side, side}}, {7, 8, 9}, image::PassOrder::pillow13)
                                 .labelling;
    EXPECT_EQ(sha256_of(result.image), row["sha256"].get<std::string>()) << row;
    EXPECT_EQ(sha256_of(result.mask), row["mask"].get<std::string>()) << row;
  }
  EXPECT_EQ(rows, 6);
}

TEST(Joint, ScalesAreLogUniformAndCutsLieInside) {
  int small = 0, flipped = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    Rng rng(4, {i});
    const JointAugment augment{.crop = {40, 40}, .form = i % 2 == 0 ? JointForm::plain : JointForm::elastic};
    const JointChoice choice = choose_joint(augment, {50, 70}, draw_joint(rng));
    ASSERT_TRUE(choice.scale >= 0.5 && choice.scale <= 2);
    small += choice.scale < 1;
    flipped += choice.flip;
    const Labelling result = apply_joint({picture(50, 70, 3), picture(50, 70, 1)}, choice, augment, {}).labelling;
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

TEST(Joint, APredictionComesBackToItsImageWhereverTheCropLies) {
  const Labelling labelling{picture(30, 41, 3), picture(30, 41, 1)};
  for (const JointForm form : {JointForm::plain, JointForm::elastic}) {
    const JointAugment augment = only_cropped({48, 52}, form);
    for (const double draw : {0.0, 0.99}) {
      const JointCrop crop = apply_joint(
          labelling, choose_joint(augment, {30, 41}, {.flip = 0.9, .scale = 0.9, .row = draw, .column = draw}), augment,
          {});
      EXPECT_EQ(cut_back(crop.labelling.mask, crop), labelling.mask);
      const bool moved = form == JointForm::elastic && crop.top != crop.left;
      EXPECT_EQ(cut_back_swapped(crop.labelling.mask, crop) == labelling.mask, !moved);
    }
  }
}

TEST(Joint, ALargerImageThanTheCropComesBackInPart) {
  const Labelling labelling{picture(30, 41, 3), picture(30, 41, 1)};
  const JointAugment augment = only_cropped({32, 20}, JointForm::elastic);
  const JointCrop crop = apply_joint(
      labelling, choose_joint(augment, {30, 41}, {.flip = 0, .scale = 0, .row = 0, .column = 0.5}), augment, {});
  EXPECT_EQ(crop.left, 11);
  const image::Image back = cut_back(crop.labelling.mask, crop);
  EXPECT_EQ(back.row(0)[10], kIgnored);
  EXPECT_EQ(back.row(29)[11], labelling.mask.row(29)[11]);
  EXPECT_EQ(back.row(0)[31], kIgnored);
}

}  // namespace
}  // namespace springbok::data
