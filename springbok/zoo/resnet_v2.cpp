// ResNet v2 (He et al. 2016, arXiv:1603.05027, figure 4e: norm and ReLU before each convolution) and its ResNeXt, with
// ModelZoo's keys. The `modelzoo` forms have, as their source does, the block of v1 between the ends of v2.
#include <array>

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"
#include "springbok/zoo/variants.h"

namespace springbok::zoo {
namespace {

using namespace graph;

enum class Block : std::uint8_t { basic, bottleneck, post_activated };

struct Net {
  const char* name = "";  ///< where zero-gamma is refused
  std::array<std::int64_t, 4> blocks;
  Block block = Block::bottleneck;
  std::int64_t groups = 1;
  std::int64_t base_width = 64;  ///< of the 3x3 in the first stage, per group
};

Value norm_relu(const Scope& s, Value x) {
  return relu(norm(s, x));
}

/// Projection `downsample.0` without a norm; `x` itself when shapes agree.
Value projection(const Scope& s, Value x, bool needed, std::int64_t out, std::int64_t stride) {
  return needed ? conv(s / "downsample" / 0, x, {.out = out, .stride = stride}) : x;
}

Value basic(const Scope& s, Value x, std::int64_t planes, std::int64_t stride) {
  const bool changes = stride != 1 || x.channels() != planes;
  const Value first = norm_relu(s / "bn1", x);
  Value y = conv(s / "conv1", first, {.out = planes, .kernel = 3, .stride = stride});
  y = conv(s / "conv2", norm_relu(s / "bn2", y), {.out = planes, .kernel = 3});
  return residual(s, y, projection(s, changes ? first : x, changes, planes, stride));
}

Value bottleneck(const Scope& s, Value x, std::int64_t planes, std::int64_t stride, const Net& net) {
  const std::int64_t width = planes * net.base_width / 64 * net.groups;
  const bool changes = stride != 1 || x.channels() != 4 * planes;
  const Value first = norm_relu(s / "bn1", x);
  Value y = conv(s / "conv1", first, {.out = width});
  y = conv(s / "conv2", norm_relu(s / "bn2", y), {.out = width, .kernel = 3, .stride = stride, .groups = net.groups});
  y = conv(s / "conv3", norm_relu(s / "bn3", y), {.out = 4 * planes});
  return residual(s, y, projection(s, changes ? first : x, changes, 4 * planes, stride));
}

Value post_activated(const Scope& s, Value x, std::int64_t planes, std::int64_t stride, const Net& net,
                     const ModelOptions& options) {
  const std::int64_t width = planes * net.base_width / 64 * net.groups;
  const bool changes = stride != 1 || x.channels() != 4 * planes;
  Value y = relu(conv_bn(s, "1", x, {.out = width}));
  y = relu(conv_bn(s, "2", y, {.out = width, .kernel = 3, .stride = stride, .groups = net.groups}));
  y = conv_bn(s, "3", y, {.out = 4 * planes}, last_norm(options));
  return relu(residual(s, y, projection(s, x, changes, 4 * planes, stride)));
}

Value block(const Scope& s, Value x, std::int64_t planes, std::int64_t stride, const Net& net,
            const ModelOptions& options) {
  if (net.block == Block::basic) return basic(s, x, planes, stride);
  if (net.block == Block::bottleneck) return bottleneck(s, x, planes, stride, net);
  return post_activated(s, x, planes, stride, net, options);
}

Graph resnet(const Net& net, const ModelOptions& options) {
  if (net.block != Block::post_activated) refuse_zero_gamma(options, net.name);
  Graph graph;
  const Scope root{&graph, ""};
  Value x = stem(root, options, 64);
  for (std::size_t stage = 0; stage < 4; ++stage) {
    for (std::int64_t i = 0; i < net.blocks[stage]; ++i) {
      const std::int64_t stride = stage > 0 && i == 0 ? 2 : 1;
      x = block(root / ("layer" + std::to_string(stage + 1)) / i, x, std::int64_t{64} << stage, stride, net, options);
    }
  }
  classifier(root, norm_relu(root / "bn_last", x), options);
  return graph;
}

constexpr const char* kHe2 = "He et al. 2016, arXiv:1603.05027";

}  // namespace

std::vector<ModelInfo> resnet_v2_models() {
  const Family<Net> paper{"ResNet v2", "paper", kHe2, resnet};
  const Family<Net> modelzoo{"ResNet v2", "modelzoo", kHe2, resnet};
  const Family<Net> grouped{"ResNeXt v2", "paper", kHe2, resnet};
  const Family<Net> modelzoo_grouped{"ResNeXt v2", "modelzoo", kXie, resnet};
  return {
      modelzoo("resnet18v2", {}, {.name = "resnet18v2", .blocks = {2, 2, 2, 2}, .block = Block::basic}),
      modelzoo("resnet34v2", {}, {.name = "resnet34v2", .blocks = {3, 4, 6, 3}, .block = Block::basic}),
      modelzoo("resnet50v2", {77.06, 93.44}, {.name = "resnet50v2", .blocks = {3, 4, 6, 3}}),
      paper("resnet101v2", {}, {.name = "resnet101v2", .blocks = {3, 4, 23, 3}}),
      paper("resnet152v2", {}, {.name = "resnet152v2", .blocks = {3, 8, 36, 3}}),
      modelzoo("modelzoo/resnet101v2", {78.9, 94.39}, {.blocks = {3, 4, 23, 3}, .block = Block::post_activated}),
      modelzoo("modelzoo/resnet152v2", {}, {.blocks = {3, 8, 36, 3}, .block = Block::post_activated}),
      grouped("resnext50v2_32x4d", {},
              {.name = "resnext50v2_32x4d", .blocks = {3, 4, 6, 3}, .groups = 32, .base_width = 4}),
      grouped("resnext101v2_32x8d", {},
              {.name = "resnext101v2_32x8d", .blocks = {3, 4, 23, 3}, .groups = 32, .base_width = 8}),
      modelzoo_grouped("modelzoo/resnext50v2_32x4d", {},
                       {.blocks = {3, 4, 6, 3}, .block = Block::post_activated, .groups = 32, .base_width = 4}),
      modelzoo_grouped("modelzoo/resnext101v2_32x8d", {},
                       {.blocks = {3, 4, 23, 3}, .block = Block::post_activated, .groups = 32, .base_width = 8}),
  };
}

ModelInfo resnet_v2_variant(const std::string& name, const ResNetShape& shape, bool bottleneck, bool post_activated) {
  const Family<Net> family{"ResNet v2", "modelzoo", kHe2, resnet};
  const Block block = post_activated ? Block::post_activated : bottleneck ? Block::bottleneck : Block::basic;
  return family(name, {}, {"this ResNet v2", shape.blocks, block, shape.groups, shape.base_width});
}

}  // namespace springbok::zoo
