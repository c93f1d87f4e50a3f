// The table of evaluation transforms that differ from the common one.
#include "springbok/zoo/published_input.h"

#include <algorithm>
#include <iterator>

namespace springbok::zoo {
namespace {

enum class Statistics { imagenet, half, lite };

struct Row {
  const char* model;
  double crop_ratio;
  const char* interpolation;
  Statistics statistics;
};

// torchvision's as in the presets of its first weights, timm's and EfficientNet-Lite's as in their code.
constexpr Row kRows[] = {
    {"efficientnet_b0", 0.875, "bicubic", Statistics::imagenet},
    {"efficientnet_b1", 0.9375, "bicubic", Statistics::imagenet},
    {"efficientnet_b2", 1, "bicubic", Statistics::imagenet},
    {"efficientnet_b3", 0.9375, "bicubic", Statistics::imagenet},
    {"efficientnet_b4", 0.989, "bicubic", Statistics::imagenet},
    {"efficientnet_b5", 1, "bicubic", Statistics::imagenet},
    {"efficientnet_b6", 1, "bicubic", Statistics::imagenet},
    {"efficientnet_b7", 1, "bicubic", Statistics::imagenet},
    // The shorter side is the input and 32: 256, 272, 292, 312, 332.
    {"efficientnet_lite0", 0.875, "bicubic", Statistics::lite},
    {"efficientnet_lite1", 0.882, "bicubic", Statistics::lite},
    {"efficientnet_lite2", 0.89, "bicubic", Statistics::lite},
    {"efficientnet_lite3", 0.897, "bicubic", Statistics::lite},
    {"efficientnet_lite4", 0.903, "bicubic", Statistics::lite},
    {"googlenet", 0.875, "bilinear", Statistics::half},
    {"inception_v3", 0.874, "bilinear", Statistics::half},
    {"ghostnet_050", 0.875, "bicubic", Statistics::imagenet},
    {"ghostnet_100", 0.875, "bicubic", Statistics::imagenet},
    {"ghostnet_130", 0.875, "bicubic", Statistics::imagenet},
    // 232
    {"mnasnet0_75", 0.964, "bilinear", Statistics::imagenet},
    {"mnasnet1_3", 0.964, "bilinear", Statistics::imagenet},
    {"resnext101_64x4d", 0.964, "bilinear", Statistics::imagenet},
    {"shufflenet_v2_x1_5", 0.964, "bilinear", Statistics::imagenet},
    {"shufflenet_v2_x2_0", 0.964, "bilinear", Statistics::imagenet},
    {"resnest200e", 0.909, "bicubic", Statistics::imagenet},
};

}  // namespace

PublishedInput published_input(const std::string& model) {
  const Row* row =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& candidate) { return model == candidate.model; });
  PublishedInput input;
  if (row == std::end(kRows)) return input;
  input.crop_ratio = row->crop_ratio;
  input.interpolation = row->interpolation;
  if (row->statistics == Statistics::half) input.mean = input.std = {0.5, 0.5, 0.5};
  if (row->statistics == Statistics::lite) {
    input.mean.assign(3, 127.0 / 255);
    input.std.assign(3, 128.0 / 255);
  }
  return input;
}

}  // namespace springbok::zoo
