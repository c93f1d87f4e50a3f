// What is known of published weights beside their numbers: classes, and how images are prepared.
#include <gtest/gtest.h>

#include <set>

#include "springbok/base/text.h"
#include "springbok/zoo/imagenet.h"
#include "springbok/zoo/published_file.h"
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

/// `torchvision IMAGENET1K_V2: 224 of 232, bilinear`.
std::string told(const std::string& file_name) {
  const PublishedFile* file = published_file(file_name);
  if (file == nullptr) return "";
  const PublishedInput& input = file->input;
  return format("{}: {} of {}, {}, {:.3f}", file->from, input.size, static_cast<int>(input.size / input.crop_ratio),
                input.interpolation, input.mean[0]);
}

// Values: the presets of torchvision.models' Weights; timm's default configurations at their test size and crop.
TEST(PublishedFile, IsKnownByItsName) {
  const std::pair<const char*, const char*> kFiles[] = {
      {"resnet50-0676ba61.pth", "torchvision IMAGENET1K_V1: 224 of 256, bilinear, 0.485"},
      {"resnet50-19c8e357.pth", "torchvision IMAGENET1K_V1: 224 of 256, bilinear, 0.485"},
      {"resnet50-11ad3fa6.pth", "torchvision IMAGENET1K_V2: 224 of 232, bilinear, 0.485"},
      {"resnet50-11ad3fa6 (1).pth", "torchvision IMAGENET1K_V2: 224 of 232, bilinear, 0.485"},
      {"resnet50-11ad3fa6.safetensors", "torchvision IMAGENET1K_V2: 224 of 232, bilinear, 0.485"},
      {"efficientnet_b1-c27df63c.pth", "torchvision IMAGENET1K_V2: 240 of 255, bilinear, 0.485"},
      {"efficientnet_b3_rwightman-b3899882.pth", "torchvision IMAGENET1K_V1: 300 of 320, bicubic, 0.485"},
      {"efficientnet_b4_rwightman-23ab8bcd.pth", "torchvision IMAGENET1K_V1: 380 of 384, bicubic, 0.485"},
      {"regnet_y_16gf_swag-43afe44d.pth", "torchvision IMAGENET1K_SWAG_E2E_V1: 384 of 384, bicubic, 0.485"},
      {"regnet_y_32gf_lc_swag-e1583746.pth", "torchvision IMAGENET1K_SWAG_LINEAR_V1: 224 of 224, bicubic, 0.485"},
      {"shufflenetv2_x0.5-f707e7126e.pth", "torchvision IMAGENET1K_V1: 224 of 256, bilinear, 0.485"},
      {"mnasnet0.5_top1_67.823-3ffadce67e.pth", "torchvision IMAGENET1K_V1: 224 of 256, bilinear, 0.485"},
      {"inception_v3_google-0cc3c7bd.pth", "torchvision IMAGENET1K_V1: 299 of 342, bilinear, 0.500"},
      {"mobilenet_v3_large-5c1a4163.pth", "torchvision IMAGENET1K_V2: 224 of 232, bilinear, 0.485"},
      {"resnet50_a1_0-14fe96d1.pth", "timm resnet50.a1_in1k: 288 of 288, bicubic, 0.485"},
      {"resnet50.a3_in1k.safetensors", "timm resnet50.a3_in1k: 224 of 235, bicubic, 0.485"},
      {"resnet50.tv2_in1k", "timm resnet50.tv2_in1k: 224 of 232, bilinear, 0.485"},
      {"efficientnet_b0.ra4_e3600_r224_in1k.safetensors",
       "timm efficientnet_b0.ra4_e3600_r224_in1k: 256 of 256, bicubic, 0.500"},
      {"efficientnet-lite1-fdb7ba6a.pth", "EfficientNet-PyTorch efficientnet-lite1: 240 of 272, bicubic, 0.498"},
      {"resnext50.pth.tar", "elastic resnext50: 224 of 256, bilinear, 0.485"}};
  for (const auto& [name, expected] : kFiles) EXPECT_EQ(told(name), expected) << name;
  for (const char* name : {"", "resnet50.pth", "resnet50-11ad3fa7.pth", "resnet50-11ad3fa6-tuned.pth",
                           "my_resnet50-11ad3fa6.pth", "resnext50_best.pth", "resnet50.a1_in1k_tuned.pth"})
    EXPECT_EQ(told(name), "") << name;
}

TEST(PublishedFile, EveryRowIsOfANetworkAndResizesToAWholeSize) {
  EXPECT_GT(published_files().size(), 300U);
  for (const PublishedFile& file : published_files()) {
    EXPECT_EQ(find_model(file.model).name, file.model);
    EXPECT_EQ(published_file(file.name + ".pth"), &file) << file.name;
    const double resized = file.input.size / file.input.crop_ratio;
    EXPECT_GE(static_cast<int>(resized), file.input.size) << file.name;
  }
  const auto same_size = published_files_of_size(102530333);  // of resnet50-0676ba61.pth
  ASSERT_EQ(same_size.size(), 1U);
  EXPECT_EQ(same_size[0]->name, "resnet50-0676ba61");
  EXPECT_TRUE(published_files_of_size(102530333 + 5000).empty());
}

}  // namespace
}  // namespace springbok::zoo
