// ResNet (He et al. 2016, table 1; the stride sits in the 3x3, as torchvision publishes it). ResNeXt (Xie et al. 2017).
// Wide ResNet (Zagoruyko and Komodakis 2016, sec. 3.4: the 3x3 twice as wide).
#include <array>

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"
#include "springbok/zoo/trunks.h"

namespace springbok::zoo {
namespace {

using namespace graph;

struct Net {
  std::array<std::int64_t, 4> blocks;
  bool bottleneck = true;
  std::int64_t groups = 1;
  std::int64_t base_width = 64;  ///< of the 3x3 in the first stage, per group
  bool dilated = false;
};

Value basic(const Scope& s, Value x, std::int64_t planes, std::int64_t stride, const ModelOptions& options) {
  Value y = relu(conv_bn(s, "1", x, {.out = planes, .kernel = 3, .stride = stride}));
  y = conv_bn(s, "2", y, {.out = planes, .kernel = 3}, last_norm(options));
  return relu(residual(s, y, shortcut(s, x, planes, stride)));
}

/// One block's place in the net.
struct Block {
  std::int64_t planes = 0;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
};

Value bottleneck(const Scope& s, Value x, const Block& b, const Net& net, const ModelOptions& options) {
  const std::int64_t width = b.planes * net.base_width / 64 * net.groups;
  const ConvOptions spatial{
      .out = width, .kernel = 3, .stride = b.stride, .dilation = b.dilation, .groups = net.groups};
  Value y = relu(conv_bn(s, "1", x, {.out = width}));
  y = relu(conv_bn(s, "2", y, spatial));
  y = conv_bn(s, "3", y, {.out = 4 * b.planes}, last_norm(options));
  return relu(residual(s, y, shortcut(s, x, 4 * b.planes, b.stride)));
}

/// The stages' outputs.
std::vector<Value> trunk(const Scope& root, const Net& net, const ModelOptions& options) {
  Value x = stem(root, options, 64);
  std::vector<Value> stages;
  std::int64_t dilation = 1;
  for (std::size_t stage = 0; stage < 4; ++stage) {
    const bool dilates = net.dilated && stage > 1;
    for (std::int64_t i = 0; i < net.blocks[stage]; ++i) {
      const Scope s = root / ("layer" + std::to_string(stage + 1)) / i;
      const Block b{
          .planes = std::int64_t{64} << stage, .stride = stage > 0 && i == 0 && !dilates ? 2 : 1, .dilation = dilation};
      x = net.bottleneck ? bottleneck(s, x, b, net, options) : basic(s, x, b.planes, b.stride, options);
      if (dilates && i == 0) dilation *= 2;  // the first block of a stage has that of the one before
    }
    stages.push_back(x);
  }
  return stages;
}

Graph resnet(const Net& net, const ModelOptions& options) {
  Graph graph;
  const Scope root{&graph, ""};
  classifier(root, trunk(root, net, options).back(), options);
  return graph;
}

constexpr const char* kZagoruyko = "Zagoruyko and Komodakis 2016, arXiv:1605.07146";

}  // namespace

std::vector<ModelInfo> resnet_models() {
  const Family<Net> plain{"ResNet", "torchvision", kHe, resnet};
  const Family<Net> grouped{"ResNeXt", "torchvision", kXie, resnet};
  const Family<Net> wide{"Wide ResNet", "torchvision", kZagoruyko, resnet};
  return {
      plain("resnet18", {69.758, 89.078}, {.blocks = {2, 2, 2, 2}, .bottleneck = false}),
      plain("resnet34", {73.314, 91.420}, {.blocks = {3, 4, 6, 3}, .bottleneck = false}),
      plain("resnet50", {76.130, 92.862}, {.blocks = {3, 4, 6, 3}}),
      plain("resnet101", {77.374, 93.546}, {.blocks = {3, 4, 23, 3}}),
      plain("resnet152", {78.312, 94.046}, {.blocks = {3, 8, 36, 3}}),
      grouped("resnext50_32x4d", {77.618, 93.698}, {.blocks = {3, 4, 6, 3}, .groups = 32, .base_width = 4}),
      grouped("resnext101_32x8d", {79.312, 94.526}, {.blocks = {3, 4, 23, 3}, .groups = 32, .base_width = 8}),
      grouped("resnext101_64x4d", {83.246, 96.454}, {.blocks = {3, 4, 23, 3}, .groups = 64, .base_width = 4}),
      wide("wide_resnet50_2", {78.468, 94.086}, {.blocks = {3, 4, 6, 3}, .base_width = 128}),
      wide("wide_resnet101_2", {78.848, 94.284}, {.blocks = {3, 4, 23, 3}, .base_width = 128}),
  };
}

std::vector<Value> resnet_trunk(const Scope& root, const ResNetShape& shape, bool dilated,
                                const ModelOptions& options) {
  return trunk(root, {shape.blocks, true, shape.groups, shape.base_width, dilated}, options);
}

ModelInfo resnet_variant(const std::string& name, const ResNetShape& shape, bool bottleneck) {
  const Family<Net> family{"ResNet", "torchvision", kHe, resnet};
  return family(name, {}, {shape.blocks, bottleneck, shape.groups, shape.base_width});
}

}  // namespace springbok::zoo
