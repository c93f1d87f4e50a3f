// MobileNet v1 (Howard et al. 2017, table 1) with ModelZoo's keys, and v2 (Sandler et al. 2018, table 2) with
// torchvision's and ModelZoo's.

#include <array>

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"

namespace springbok::zoo {
namespace {

using namespace graph;

struct Separable {
  std::int64_t out, stride;
};

constexpr std::array<Separable, 13> kV1{{{64, 1},
                                         {128, 2},
                                         {128, 1},
                                         {256, 2},
                                         {256, 1},
                                         {512, 2},
                                         {512, 1},
                                         {512, 1},
                                         {512, 1},
                                         {512, 1},
                                         {512, 1},
                                         {1024, 2},
                                         {1024, 1}}};

struct Stage {
  std::int64_t expand, out, blocks, stride;
};

constexpr std::array<Stage, 7> kV2{
    {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}}};
constexpr std::int64_t kHeadWidth = 1280;

ConvOptions first_conv(const ModelOptions& options) {
  return {.out = 32, .kernel = 3, .stride = stem_stride(options)};
}

/// Convolution `0`, norm `1`, ReLU6.
Value conv_relu6(const Scope& s, Value x, const ConvOptions& conv) {
  return Sequential(s, x).conv(conv).norm().act(Act::relu6).value();
}

/// torchvision's block: each activated convolution is a module of its own.
Value torchvision_block(const Scope& s, Value x, const Stage& stage, const ModelOptions& options) {
  const bool skip = stage.stride == 1 && x.channels() == stage.out;
  Sequential block(s / "conv", x);
  if (stage.expand != 1) {
    block.add([&](const Scope& child, Value y) { return conv_relu6(child, y, {.out = x.channels() * stage.expand}); });
  }
  block.add([&](const Scope& child, Value y) { return conv_relu6(child, y, depthwise(y, 3, stage.stride)); });
  const Value y = block.conv({.out = stage.out}).norm(skip ? last_norm(options) : NormOptions{}).value();
  return skip ? residual(s, y, x) : y;
}

/// ModelZoo's block: one flat sequence.
Value modelzoo_block(const Scope& s, Value x, const Stage& stage, const ModelOptions& options) {
  const bool skip = stage.stride == 1 && x.channels() == stage.out;
  Sequential block(s / "seq", x);
  block.conv({.out = x.channels() * stage.expand}).norm().act(Act::relu6);
  block.conv(depthwise(block.value(), 3, stage.stride)).norm().act(Act::relu6);
  const Value y = block.conv({.out = stage.out}).norm(skip ? last_norm(options) : NormOptions{}).value();
  return skip ? residual(s, y, x) : y;
}

constexpr const char* kHoward1 = "Howard et al. 2017, arXiv:1704.04861";
constexpr const char* kSandler = "Sandler et al. 2018, arXiv:1801.04381";

}  // namespace

Graph mobilenet_v1(const ModelOptions& options) {
  refuse_zero_gamma(options, "mobilenet_v1");
  Graph graph;
  const Scope root{&graph, ""};
  Sequential first(root / "first_block", input(graph, options.channels));
  Sequential blocks(root / "mb_block", first.conv(first_conv(options)).norm().act(Act::relu).value());
  for (const Separable& block : kV1) {
    blocks.add([&](const Scope& s, Value x) {
      Sequential seq(s / "seq", x);
      seq.conv(depthwise(x, 3, block.stride)).norm().act(Act::relu);
      return relu(seq.conv({.out = block.out}).norm().value());
    });
  }
  classifier(root, blocks.value(), options, "output");
  return graph;
}

Graph mobilenet_v2(const ModelOptions& options) {
  Graph graph;
  const Scope root{&graph, ""};
  Sequential features(root / "features", input(graph, options.channels));
  features.add([&](const Scope& s, Value x) { return conv_relu6(s, x, first_conv(options)); });
  for (Stage stage : kV2) {
    for (std::int64_t i = 0; i < stage.blocks; ++i) {
      features.add([&](const Scope& s, Value x) { return torchvision_block(s, x, stage, options); });
      stage.stride = 1;
    }
  }
  features.add([&](const Scope& s, Value x) { return conv_relu6(s, x, {.out = kHeadWidth}); });
  classifier(root, features.value(), options, "classifier.1");
  return graph;
}

Graph modelzoo_mobilenet_v2(const ModelOptions& options) {
  Graph graph;
  const Scope root{&graph, ""};
  Sequential first(root / "first_block", input(graph, options.channels));
  first.conv(first_conv(options)).norm().act(Act::relu6);
  first.conv(depthwise(first.value(), 3, 1)).norm().act(Act::relu6).conv({.out = kV2[0].out}).norm();
  Sequential blocks(root / "mb_block", first.value());
  for (std::size_t stage_at = 1; stage_at < kV2.size(); ++stage_at) {
    Stage stage = kV2[stage_at];
    for (std::int64_t i = 0; i < stage.blocks; ++i) {
      blocks.add([&](const Scope& s, Value x) { return modelzoo_block(s, x, stage, options); });
      stage.stride = 1;
    }
  }
  classifier(root, conv_relu6(root / "last_block", blocks.value(), {.out = kHeadWidth}), options, "output");
  return graph;
}

std::vector<ModelInfo> mobilenet_models() {
  return {
      {"mobilenet_v1", "MobileNet", "modelzoo", kHoward1, 224, 72.17, 90.70, "", mobilenet_v1},
      {"mobilenet_v2", "MobileNet", "torchvision", kSandler, 224, 71.878, 90.286, "", mobilenet_v2},
      {"modelzoo/mobilenet_v2", "MobileNet", "modelzoo", kSandler, 224, 71.94, 90.59, "", modelzoo_mobilenet_v2},
  };
}

}  // namespace springbok::zoo
