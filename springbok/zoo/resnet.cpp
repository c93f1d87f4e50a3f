// ResNet (He et al. 2016, table 1; the stride sits in the 3x3, as torchvision publishes it), ResNeXt (Xie et al. 2017)
// and Wide ResNet (Zagoruyko and Komodakis 2016, sec. 3.4: the 3x3 twice as wide).
#include "springbok/zoo/resnet.h"

#include <array>

#include "springbok/zoo/blocks.h"

namespace springbok::zoo {
namespace {

using namespace graph;

struct Net {
  std::array<std::int64_t, 4> blocks;
  bool bottleneck = true;
  std::int64_t groups = 1;
  std::int64_t base_width = 64;  ///< of the 3x3 in the first stage, per group
};

Value basic(const Scope& s, Value x, std::int64_t planes, std::int64_t stride, const ModelOptions& options) {
  Value y = relu(conv_bn(s, "1", x, {.out = planes, .kernel = 3, .stride = stride}));
  y = conv_bn(s, "2", y, {.out = planes, .kernel = 3}, last_norm(options));
  return relu(residual(s, y, shortcut(s, x, planes, stride)));
}

Value bottleneck(const Scope& s, Value x, std::int64_t planes, std::int64_t stride, const Net& net,
                 const ModelOptions& options) {
  const std::int64_t width = planes * net.base_width / 64 * net.groups;
  Value y = relu(conv_bn(s, "1", x, {.out = width}));
  y = relu(conv_bn(s, "2", y, {.out = width, .kernel = 3, .stride = stride, .groups = net.groups}));
  y = conv_bn(s, "3", y, {.out = 4 * planes}, last_norm(options));
  return relu(residual(s, y, shortcut(s, x, 4 * planes, stride)));
}

Graph resnet(const Net& net, const ModelOptions& options) {
  Graph graph;
  const Scope root{&graph, ""};
  Value x = stem(root, options, 64);
  for (std::size_t stage = 0; stage < 4; ++stage) {
    const std::int64_t planes = std::int64_t{64} << stage;
    for (std::int64_t i = 0; i < net.blocks[stage]; ++i) {
      const Scope s = root / ("layer" + std::to_string(stage + 1)) / i;
      const std::int64_t stride = stage > 0 && i == 0 ? 2 : 1;
      x = net.bottleneck ? bottleneck(s, x, planes, stride, net, options) : basic(s, x, planes, stride, options);
    }
  }
  classifier(root, x, options);
  return graph;
}

}  // namespace

Graph resnet18(const ModelOptions& options) {
  return resnet({.blocks = {2, 2, 2, 2}, .bottleneck = false}, options);
}
Graph resnet34(const ModelOptions& options) {
  return resnet({.blocks = {3, 4, 6, 3}, .bottleneck = false}, options);
}
Graph resnet50(const ModelOptions& options) {
  return resnet({.blocks = {3, 4, 6, 3}}, options);
}
Graph resnet101(const ModelOptions& options) {
  return resnet({.blocks = {3, 4, 23, 3}}, options);
}
Graph resnet152(const ModelOptions& options) {
  return resnet({.blocks = {3, 8, 36, 3}}, options);
}
Graph resnext50_32x4d(const ModelOptions& options) {
  return resnet({.blocks = {3, 4, 6, 3}, .groups = 32, .base_width = 4}, options);
}
Graph resnext101_32x8d(const ModelOptions& options) {
  return resnet({.blocks = {3, 4, 23, 3}, .groups = 32, .base_width = 8}, options);
}
Graph resnext101_64x4d(const ModelOptions& options) {
  return resnet({.blocks = {3, 4, 23, 3}, .groups = 64, .base_width = 4}, options);
}
Graph wide_resnet50_2(const ModelOptions& options) {
  return resnet({.blocks = {3, 4, 6, 3}, .base_width = 128}, options);
}
Graph wide_resnet101_2(const ModelOptions& options) {
  return resnet({.blocks = {3, 4, 23, 3}, .base_width = 128}, options);
}

}  // namespace springbok::zoo
