// Pre-activated ResNets whose norm and activation are one EvoNorm-B0 (Liu et al. 2020, table 2), with ModelZoo's keys;
// `modelzoo/evo_resnet18` has bottlenecks, as its source does.
#include <array>

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"
#include "springbok/zoo/variants.h"

namespace springbok::zoo {
namespace {

using namespace graph;

struct Net {
  const char* name;
  std::array<std::int64_t, 4> blocks;
  std::int64_t groups = 1;
  std::int64_t base_width = 64;  ///< of the 3x3 in the first stage, per group
  bool evo = true;               ///< else batch norm and ReLU in its place
};

Value norm_act(const Scope& s, Value x, const Net& net) {
  return net.evo ? evo_norm(s, x) : relu(norm(s / "block" / 0, x));
}

Value bottleneck(const Scope& s, Value x, std::int64_t planes, std::int64_t stride, const Net& net) {
  const std::int64_t width = planes * net.base_width / 64 * net.groups;
  const Value first = norm_act(s / "evonorm1", x, net);
  Value y = conv(s / "conv1", first, {.out = width});
  y = conv(s / "conv2", norm_act(s / "evonorm2", y, net),
           {.out = width, .kernel = 3, .stride = stride, .groups = net.groups});
  y = conv(s / "conv3", norm_act(s / "evonorm3", y, net), {.out = 4 * planes});
  if (stride == 1 && x.channels() == 4 * planes) return residual(s, y, x);
  return residual(s, y, conv(s / "downsample" / 0, first, {.out = 4 * planes, .stride = stride}));
}

Graph resnet(const Net& net, const ModelOptions& options) {
  refuse_zero_gamma(options, net.name);
  const bool small = options.stem == Stem::small;
  Graph graph;
  const Scope root{&graph, ""};
  Value x = conv(root / "conv1", input(graph, options.channels),
                 {.out = 64, .kernel = small ? 3 : 7, .stride = stem_stride(options)});
  x = norm_act(root / "evonorm1", x, net);
  if (!small) x = max_pool(x, {.kernel = 3, .stride = 2, .padding = 1});
  for (std::size_t stage = 0; stage < 4; ++stage) {
    for (std::int64_t i = 0; i < net.blocks[stage]; ++i) {
      const Scope s = root / ("layer" + std::to_string(stage + 1)) / i;
      x = bottleneck(s, x, std::int64_t{64} << stage, stage > 0 && i == 0 ? 2 : 1, net);
    }
  }
  classifier(root, norm_act(root / "evonorm2", x, net), options);
  return graph;
}

constexpr const char* kLiu = "Liu et al. 2020, arXiv:2004.02967";

}  // namespace

std::vector<ModelInfo> evo_resnet_models() {
  const Family<Net> evo{"EvoNorm ResNet", "modelzoo", kLiu, resnet};
  return {
      evo("evo_resnet50", {}, {.name = "evo_resnet50", .blocks = {3, 4, 6, 3}}),
      evo("evo_resnet101", {}, {.name = "evo_resnet101", .blocks = {3, 4, 23, 3}}),
      evo("evo_resnet152", {}, {.name = "evo_resnet152", .blocks = {3, 8, 36, 3}}),
      evo("evo_resnext50_32x4d", {},
          {.name = "evo_resnext50_32x4d", .blocks = {3, 4, 6, 3}, .groups = 32, .base_width = 4}),
      evo("evo_resnext101_32x8d", {},
          {.name = "evo_resnext101_32x8d", .blocks = {3, 4, 23, 3}, .groups = 32, .base_width = 8}),
      evo("evo_resnet50_bn", {}, {.name = "evo_resnet50_bn", .blocks = {3, 4, 6, 3}, .evo = false}),
      evo("modelzoo/evo_resnet18", {}, {.name = "modelzoo/evo_resnet18", .blocks = {2, 2, 2, 2}}),
  };
}

ModelInfo evo_resnet_variant(const std::string& name, const ResNetShape& shape, bool evo) {
  const Family<Net> family{"EvoNorm ResNet", "modelzoo", kLiu, resnet};
  return family(name, {}, {"this EvoNorm ResNet", shape.blocks, shape.groups, shape.base_width, evo});
}

}  // namespace springbok::zoo
