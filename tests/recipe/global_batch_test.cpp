// How many batches make a step: by number, from the global batch, and what an epoch leaves over.
#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "springbok/recipe/feed.h"
#include "springbok/recipe/pace.h"
#include "tests/support/message_of.h"

namespace springbok::recipe {
namespace {

using springbok::testing::message_of;

Recipe of(std::int64_t batch, std::int64_t global) {
  Recipe recipe;
  recipe.batch_size = batch;
  recipe.global_batch = global;
  return recipe;
}

TEST(GlobalBatch, DecidesHowManyBatchesMakeAStep) {
  for (const std::int64_t batch : {1, 8, 32, 256}) {
    const Pace pace = pace_of(of(batch, 256), 1000);
    EXPECT_EQ(pace.accumulate, 256 / batch);
    EXPECT_EQ(pace.images_per_step, 256);
    EXPECT_EQ(pace.steps_per_epoch, 4);
    EXPECT_EQ(pace.images_in_step(3), 1000 - 3 * 256);
  }
  EXPECT_EQ(message_of<UsageError>([] { pace_of(of(30, 256), 1000); }),
            "--global-batch: 256 images are no whole number of batches of 30; change one of them");
  EXPECT_EQ(message_of<UsageError>([] { pace_of(of(512, 256), 1000); }),
            "--global-batch: 256 images are no whole number of batches of 512; change one of them");
}

/// A resumed epoch begins at the batch where the step begins.
TEST(GlobalBatch, TheLoaderGoesOnWhereTheStepBegins) {
  const Recipe recipe = of(8, 32);
  EXPECT_EQ(loader_settings(recipe, pace_of(recipe, 100), 0, 2).first_batch, 8);
}

/// Elastic's classify.py with -g 4 -b 8 on one device: 28 images are 14 batches of 2, 3 steps of 4 and 2 batches more.
TEST(GlobalBatch, AStepThatIsNotFullCanBeLeftOut) {
  Recipe recipe = of(2, 8);
  EXPECT_EQ(pace_of(recipe, 28).steps_per_epoch, 4);
  EXPECT_EQ(pace_of(recipe, 28).left_over, 0);
  recipe.drop_last_step = true;
  const Pace pace = pace_of(recipe, 29);
  EXPECT_EQ(pace.steps_per_epoch, 3);
  EXPECT_EQ(pace.batches_per_epoch, 12);
  EXPECT_EQ(pace.images_per_epoch, 24);
  EXPECT_EQ(pace.left_over, 2);
  EXPECT_TRUE(loader_settings(recipe, pace, 0, 0).drop_last);
}

/// The rate follows the whole step, however it is made.
TEST(GlobalBatch, TheRateIsScaledToTheWholeStep) {
  Recipe recipe = of(8, 256);
  recipe.rate.lr = 0.1;
  recipe.lr_per = 32;
  EXPECT_DOUBLE_EQ(scaled_lr(recipe), 0.8);
}

}  // namespace
}  // namespace springbok::recipe
