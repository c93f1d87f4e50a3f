// A recipe that a program filled in is checked as flags are: one rule, the option's own range.
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "springbok/base/error.h"
#include "springbok/recipe/pace.h"
#include "springbok/recipe/recipe.h"
#include "tests/support/message_of.h"

namespace springbok::recipe {
namespace {

using springbok::testing::message_of;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

Recipe whole() {
  Recipe recipe;
  recipe.model = "resnet20";
  recipe.data = std::string("d");  // an assigned literal makes GCC 12 see an overflow that is none
  recipe.out = std::string("o");
  return recipe;
}

TEST(ProgramRecipe, ValuesOutsideTheirRangesAreNamedAsFlags) {
  const std::pair<std::function<void(Recipe&)>, const char*> cases[] = {
      {[](Recipe& r) { r.batch_size = 0; }, "--batch-size: must be between 1 and 1000000000, got 0"},
      {[](Recipe& r) { r.batch_size = kLargest; },
       "--batch-size: must be between 1 and 1000000000, got 9223372036854775807"},
      {[](Recipe& r) { r.accumulate = -4; }, "--accumulate: must be between 1 and 1000000000, got -4"},
      {[](Recipe& r) { r.epochs = kLargest; }, "--epochs: must be between 1 and 1000000000, got 9223372036854775807"},
      {[](Recipe& r) { r.epochs = 0; }, "--epochs: must be between 1 and 1000000000, got 0"},
      {[](Recipe& r) { r.preprocess.size = 8193; }, "--size: must be between 0 and 8192, got 8193"},
      {[](Recipe& r) { r.preprocess.channels = 7; }, "--channels: must be between 0 and 3, got 7"},
      {[](Recipe& r) { r.workers = -2; }, "--workers: must be between -1 and 1024, got -2"},
      {[](Recipe& r) { r.rate.lr = kNan; }, "--lr: must be at least 0, got nan"},
      {[](Recipe& r) { r.optimizer.weight_decay = -1; }, "--weight-decay: must be at least 0, got -1"},
      {[](Recipe& r) { r.optimizer.momentum = 3; }, "--momentum: must be between 0 and 1, got 3"},
      {[](Recipe& r) { r.preprocess.crop_ratio = 1e-9; }, "--crop-ratio: must be between 0.1 and 1, got 1e-09"},
      {[](Recipe& r) {
         r.rate.step_epochs = {1, kNan};
       },
       "--step-epochs: 'nan' is not a number; give numbers separated by commas"},
      {[](Recipe& r) {
         r.preprocess.std = {0.5, 0, 1};
       },
       "--std: must be between 1e-06 and 1000000, got 0"},
      {[](Recipe& r) { r.options.dropout = 2; }, "--dropout: must be between 0 and 0.99, got 2"},
      {[](Recipe& r) { r.mix.mixup = kNan; }, "--mixup: must be between 0 and 1000, got nan"},
      {[](Recipe& r) { r.seed = -1; }, "--seed: must be between 0 and 9007199254740992, got -1"},
  };
  EXPECT_EQ(message_of<Error>([] { check_recipe(whole(), {}); }), "(nothing thrown)");
  for (const auto& [change, says] : cases) {
    Recipe recipe = whole();
    change(recipe);
    const std::string message = message_of<UsageError>([&] { check_recipe(recipe, {}); });
    EXPECT_EQ(message, says);
    EXPECT_EQ(message_of<UsageError>([&] { schedule_of(recipe, 10); }), message);
    EXPECT_EQ(message_of<UsageError>([&] { pace_of(recipe, 100); }), message);
  }
}

TEST(ProgramRecipe, SchedulesAndStepsOfImpossibleLengths) {
  EXPECT_EQ(message_of<Error>([] { schedule_of(whole(), 0); }), "an epoch has between 1 and 1000000000 steps, got 0");
  EXPECT_EQ(message_of<Error>([] { learning_rate({}, -1); }).substr(0, 30), "a schedule needs lengths above");
}

}  // namespace
}  // namespace springbok::recipe
