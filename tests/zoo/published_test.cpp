// What is known of published weights beside their numbers: classes, and how images are prepared.
#include <gtest/gtest.h>

#include <set>

#include "springbok/zoo/imagenet.h"
#include "springbok/zoo/published_input.h"
#include "springbok/zoo/zoo.h"

namespace springbok::zoo {
namespace {

TEST(ImageNet, HasAThousandClassesInTheOrderOfTheOutputs) {
  const auto& names = imagenet_classes();
  ASSERT_EQ(names.size(), 1000u);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 1000u);
  // The first, the last, and those of the photographs in tests/real, with the numbers their reference gives.
  EXPECT_EQ(names[0], "tench");
  EXPECT_EQ(names[282], "tiger cat");
  EXPECT_EQ(names[967], "espresso");
  EXPECT_EQ(names[999], "toilet tissue");
}

/// The shorter side that the evaluation resizes to.
int resized_to(const std::string& model) {
  return static_cast<int>(static_cast<double>(find_model(model).input) / published_input(model).crop_ratio);
}

TEST(PublishedInput, ResizesAsThePublishersPresetsDo) {
  // torchvision's `resize_size` of IMAGENET1K_V1, EfficientNet-Lite's input + 32.
  const std::pair<const char*, int> kSizes[] = {
      {"resnet50", 256},           {"efficientnet_b0", 256},    {"efficientnet_b1", 256},
      {"efficientnet_b2", 288},    {"efficientnet_b3", 320},    {"efficientnet_b4", 384},
      {"efficientnet_b5", 456},    {"efficientnet_b6", 528},    {"efficientnet_b7", 600},
      {"inception_v3", 342},       {"googlenet", 256},          {"resnext101_64x4d", 232},
      {"mnasnet0_75", 232},        {"mnasnet1_3", 232},         {"shufflenet_v2_x1_5", 232},
      {"shufflenet_v2_x2_0", 232}, {"mnasnet1_0", 256},         {"efficientnet_lite0", 256},
      {"efficientnet_lite1", 272}, {"efficientnet_lite2", 292}, {"efficientnet_lite3", 312},
      {"efficientnet_lite4", 332}};
  for (const auto& [model, size] : kSizes) EXPECT_EQ(resized_to(model), size) << model;
}

TEST(PublishedInput, StatisticsAreImageNetsUnlessTheNetworkWasTrainedOtherwise) {
  EXPECT_EQ(published_input("resnet50").mean, (std::vector<double>{0.485, 0.456, 0.406}));
  EXPECT_EQ(published_input("resnet50").interpolation, "bilinear");
  EXPECT_EQ(published_input("googlenet").std, (std::vector<double>{0.5, 0.5, 0.5}));
  EXPECT_EQ(published_input("efficientnet_lite0").mean, (std::vector<double>(3, 127.0 / 255)));
  EXPECT_EQ(published_input("efficientnet_lite0").std, (std::vector<double>(3, 128.0 / 255)));
  EXPECT_EQ(published_input("efficientnet_b0").interpolation, "bicubic");
}

}  // namespace
}  // namespace springbok::zoo
