// Tasks in recipes: settled by the data, and keys without effect under them.
#include "springbok/recipe/task.h"

#include <gtest/gtest.h>

#include "tests/support/message_of.h"
#include "tests/support/squares.h"

namespace springbok::recipe {
namespace {

using data::TargetKind;
using springbok::testing::message_of;
using springbok::testing::Squares;

Recipe named(const std::string& model) {
  Recipe recipe;
  recipe.model = model;
  recipe.data = "d";
  recipe.out = "o";
  return recipe;
}

/// What there was before the key is no change of a run.
TEST(Task, ClassificationLeavesTheDigestAlone) {
  Recipe one = named("resnet20");
  const std::string before = digest(one);
  one.task = TaskChoice::classify;
  EXPECT_EQ(digest(one), before);
  one.task = TaskChoice::multilabel;
  EXPECT_NE(digest(one), before);
}

TEST(Task, TheDataSettleIt) {
  Recipe labels = named("resnet20"), masks = named("deeplabv3_resnet50");
  labels.batch_size = masks.batch_size = 4;
  resolve(labels, Squares(TargetKind::labels, 8));
  EXPECT_EQ(labels.task, TaskChoice::multilabel);
  EXPECT_EQ(labels.loss.kind, LossKind::bce);
  EXPECT_EQ(labels.preprocess.fit, data::Fit::crop);
  resolve(masks, Squares(TargetKind::masks, 8));
  EXPECT_EQ(masks.task, TaskChoice::segment);
  EXPECT_EQ(masks.loss.kind, LossKind::cross_entropy);
  EXPECT_EQ(masks.preprocess.fit, data::Fit::native);
  EXPECT_EQ(masks.options.classes, 3);
  EXPECT_EQ(message_of<UsageError>([&] { choose_task(labels, Squares(TargetKind::masks, 8)); }),
            "--task multilabel: the data have masks (squares); leave it out, or give other data");
}

/// As long as it is open, all tasks' keys may be meant.
TEST(Task, AnOpenTaskLeavesAllKeysTheirEffect) {
  Recipe one = named("resnet20");
  for (const char* key : {"label_smoothing", "label_scale", "joint_form", "mixup", "fit"}) {
    EXPECT_FALSE(is_useless(one, key)) << key;
  }
  one.task = TaskChoice::segment;
  for (const char* key : {"label_smoothing", "label_scale", "mixup", "fit", "crop", "loss"}) {
    EXPECT_TRUE(is_useless(one, key)) << key;
  }
  EXPECT_FALSE(is_useless(one, "joint_form"));
  EXPECT_FALSE(is_useless(one, "flip"));
  EXPECT_FALSE(is_useless(one, "brightness"));
}

TEST(Task, NetworksAreHeldToIt) {
  Recipe one = named("resnet20");
  one.task = TaskChoice::segment;
  EXPECT_EQ(message_of<UsageError>([&] { check_recipe(one, {}); }),
            "resnet20: scores images, --task segment takes a network that scores every pixel ('springbok models "
            "list')");
  one = named("deeplabv3_resnet50");
  one.task = TaskChoice::multilabel;
  EXPECT_EQ(message_of<UsageError>([&] { check_recipe(one, {}); }),
            "deeplabv3_resnet50: scores every pixel, --task multilabel takes a network that scores images");
  one.task = TaskChoice::automatic;
  EXPECT_NO_THROW(check_recipe(one, {}));
}

}  // namespace
}  // namespace springbok::recipe
