// A plan's numbers are those of the run; what an epoch leaves over moves running statistics alone.
#include "springbok/train/plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "springbok/engine/state.h"
#include "springbok/run/manifest.h"
#include "springbok/train/checkpoint.h"
#include "tests/support/temporary_folder.h"
#include "tests/train/synthetic.h"

namespace springbok::train {
namespace {

using springbok::testing::TemporaryFolder;

/// The value of a running count in the run's last checkpoint.
std::int64_t tracked(const std::filesystem::path& run, const std::string& name) {
  const run::CheckpointFolder checkpoints(run / "checkpoints");
  const Checkpoint checkpoint = read_checkpoint(checkpoints.path(*checkpoints.last()));
  for (const auto& [key, tensor] : checkpoint.state) {
    if (key == name) return engine::from_plain(tensor).item<std::int64_t>();
  }
  return -1;
}

/// 58 images are 7 whole batches of 8: three steps of two, and one batch more.
TEST(LeftOver, MovesRunningStatisticsAndMakesNoStep) {
  const TemporaryFolder folder;
  const Synthetic training(58, 4), validation(22, 4, 2);
  recipe::Recipe recipe = small_recipe(folder / "run");
  recipe.epochs = 2;
  recipe.global_batch = 16;
  recipe.drop_last_step = true;
  const Outcome outcome = run(recipe, training, validation);
  EXPECT_EQ(outcome.trained_images, 2 * 48);
  EXPECT_EQ(tracked(folder / "run", "bn1.num_batches_tracked"), 2 * 7);

  recipe.out = (folder / "whole").string();
  recipe.drop_last_step = false;
  EXPECT_EQ(run(recipe, training, validation).trained_images, 2 * 58);
  EXPECT_EQ(tracked(folder / "whole", "bn1.num_batches_tracked"), 2 * 8);
}

TEST(Plan, CountsWhatTheRunWillDo) {
  const Synthetic training(58, 4);
  recipe::Recipe recipe = small_recipe("unused");
  recipe.global_batch = 16;
  recipe.optimizer.norm_decay = false;
  const Plan plan = make_plan(recipe, training, 22);
  EXPECT_EQ(plan.pace.images_per_step, 16);
  EXPECT_EQ(plan.pace.steps_per_epoch, 4);
  EXPECT_EQ(plan.schedule.total_steps, 12);
  EXPECT_EQ(plan.recipe.options.classes, 4);
  // ResNet-20 of grey images and 4 classes: convolutions and the linear layer's weights decay.
  EXPECT_EQ(plan.decayed + plan.undecayed, 268'979 + 65);
  EXPECT_EQ(plan.undecayed, 2 * (16 * 7 + 32 * 6 + 64 * 6) + 4);
  EXPECT_EQ(plan.memory.optimizer, 4 * (plan.decayed + plan.undecayed));
  EXPECT_FALSE(plan.probe.has_value());
  EXPECT_DOUBLE_EQ(plan.rate(2), 0.05);
}

TEST(Plan, KnowsWhatEachOptimizerAndAnAverageKeep) {
  const Synthetic training(58, 4);
  recipe::Recipe recipe = small_recipe("unused");
  const std::int64_t numbers = 268'979 + 65;
  const auto optimizer = [&](recipe::OptimizerKind kind) {
    recipe.optimizer.kind = kind;
    return make_plan(recipe, training, 22).memory.optimizer / (4 * numbers);
  };
  EXPECT_EQ(optimizer(recipe::OptimizerKind::adamw), 2);
  EXPECT_EQ(optimizer(recipe::OptimizerKind::lion), 1);
  EXPECT_EQ(make_plan(recipe, training, 22).memory.averages, 0);
  recipe.ema_decay = 0.9;
  const Plan plan = make_plan(recipe, training, 22);
  EXPECT_EQ(plan.memory.averages, plan.memory.parameters);
  EXPECT_EQ(plan.disk.checkpoint, plan.memory.parameters * 2 + plan.memory.optimizer);
  EXPECT_EQ(plan.memory.copy, plan.disk.checkpoint);
}

TEST(Plan, AProbeRunsBatchesOfTheRecipe) {
  const Synthetic training(58, 4);
  const Plan plan = make_plan(small_recipe("unused"), training, 22, 1);
  ASSERT_TRUE(plan.probe.has_value());
  EXPECT_EQ(plan.probe->batches, 1);
  EXPECT_GT(plan.probe->seconds, 0);
}

/// Without an image: a source that only says how many there are.
TEST(Plan, APromisedSourceHasNoImages) {
  const auto source = promised_source({.images = 1000, .classes = 10}, 3);
  EXPECT_EQ(source->size(), 1000);
  EXPECT_EQ(source->classes().size(), 10U);
  EXPECT_EQ(source->channels(), 3);
  EXPECT_THROW(source->image(0, 3), Error);
}

}  // namespace
}  // namespace springbok::train
