// Sizes of training images over a run.
#include "springbok/recipe/ramps.h"

#include <gtest/gtest.h>

#include <vector>

#include "springbok/recipe/feed.h"

namespace springbok::recipe {
namespace {

std::vector<std::int64_t> sizes(const Progressive& progressive, std::int64_t full, std::int64_t epochs) {
  std::vector<std::int64_t> all;
  for (std::int64_t epoch = 0; epoch < epochs; ++epoch) all.push_back(training_size(progressive, full, epochs, epoch));
  return all;
}

using Sizes = std::vector<std::int64_t>;

TEST(TrainingSize, GrowsInStepsToTheFullSize) {
  EXPECT_EQ(sizes({.size = 128}, 224, 4), (Sizes{128, 160, 192, 224}));
  EXPECT_EQ(sizes({.size = 128, .epochs = 3}, 224, 6), (Sizes{128, 160, 192, 224, 224, 224}));
  EXPECT_EQ(sizes({.size = 160, .step = 16}, 192, 5), (Sizes{160, 160, 176, 176, 192}));
}

/// A first or a full size that is no multiple is kept as it is.
TEST(TrainingSize, KeepsBothEnds) {
  EXPECT_EQ(sizes({.size = 100}, 225, 3), (Sizes{100, 160, 225}));
  EXPECT_EQ(sizes({.size = 100}, 120, 3), (Sizes{100, 100, 120}));
}

TEST(TrainingSize, IsTheFullOneWithoutIt) {
  EXPECT_EQ(sizes({}, 224, 3), (Sizes{224, 224, 224}));
  EXPECT_EQ(sizes({.size = 128}, 224, 1), (Sizes{224}));
}

TEST(TrainingSize, IsThatOfTheTrainingsTransformAlone) {
  Recipe recipe;
  recipe.epochs = 3;
  recipe.preprocess = {.size = 64, .channels = 1, .mean = {0.5}, .std = {0.5}};
  recipe.progressive = {.size = 32};
  EXPECT_EQ(training_transform(recipe, 0).preprocess().size, 32);
  EXPECT_EQ(training_transform(recipe, 2).preprocess().size, 64);
  EXPECT_EQ(evaluation_transform(recipe).preprocess().size, 64);
}

/// torchvision's 176 for 224, timm's 160: training images have a size of their own, and grow to that one.
TEST(TrainingSize, MayDifferFromThatOfEvaluation) {
  Recipe recipe;
  recipe.epochs = 3;
  recipe.train_size = 48;
  recipe.preprocess = {.size = 64, .channels = 1, .mean = {0.5}, .std = {0.5}};
  EXPECT_EQ(training_transform(recipe).preprocess().size, 48);
  EXPECT_EQ(training_transform(recipe, 0).preprocess().size, 48);
  EXPECT_EQ(evaluation_transform(recipe).preprocess().size, 64);
  recipe.progressive = {.size = 16, .step = 16};
  EXPECT_EQ(training_size(recipe, 0), 16);
  EXPECT_EQ(training_size(recipe, 1), 32);
  EXPECT_EQ(training_size(recipe, 2), 48);
}

}  // namespace
}  // namespace springbok::recipe
