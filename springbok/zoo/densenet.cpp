// DenseNet-BC (Huang et al. 2017, table 1). In the elastic form (Wang et al., CVPR 2019) each dense layer sums two
// branches of half the width. The first works at half resolution unless the map is 7 high, as at 224 in the last block.
#include <array>

#include "springbok/base/error.h"
#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"
#include "springbok/zoo/variants.h"

namespace springbok::zoo {
namespace {

using namespace graph;

struct Net {
  const char* name;
  std::array<std::int64_t, 4> blocks;
  std::int64_t growth = 32;
  std::int64_t first_width = 64;
  bool elastic = false;
  bool elastic_source = false;  ///< Elastic's keys and its pooling by a fixed window, else torchvision's
  std::int64_t bottleneck = 4;  ///< width of the 1x1, in growths
  double compression = 0.5;     ///< share of the channels that a transition keeps
};

constexpr std::int64_t kFullResolutionHeight = 7;

/// 1x1 `conv1`, norm and ReLU, 3x3 `conv2`: from the normed input of `s` to `growth` channels.
Value branch(const Scope& s, const std::string& suffix, Value x, std::int64_t width, std::int64_t growth) {
  const Value y = relu(norm(s / ("norm2" + suffix), conv(s / ("conv1" + suffix), x, {.out = width})));
  return conv(s / ("conv2" + suffix), y, {.out = growth, .kernel = 3});
}

/// The new features of one layer. Elastic's key order has the low-resolution branch before the norm that feeds it.
Value dense_layer(const Scope& s, Value x, const Net& net) {
  const std::int64_t width = net.bottleneck * net.growth;
  const Value y = relu(norm(s / "norm1", x));
  if (!net.elastic) return branch(s, "", y, width, net.growth);
  const Value low = branch(s, "_d", halve(y, kFullResolutionHeight), width / 2, net.growth);
  keys_last(s / "norm1");
  const Value high = branch(s, "", y, width / 2, net.growth);
  return add(high, restore(low, high));
}

/// Stride 4, or 1 with the small stem, which has no norm.
Value first_layers(const Scope& s, const Net& net, const ModelOptions& options) {
  const Value x = input(*s.graph, options.channels);
  if (options.stem == Stem::small) return conv(s / "conv0", x, {.out = net.first_width, .kernel = 3});
  const Value y = relu(norm(s / "norm0", conv(s / "conv0", x, {.out = net.first_width, .kernel = 7, .stride = 2})));
  return max_pool(y, {.kernel = 3, .stride = 2, .padding = 1});
}

/// Halves the resolution and, as published, the channels.
Value transition(const Scope& s, Value x, double compression) {
  const auto out = static_cast<std::int64_t>(static_cast<double>(x.channels()) * compression);
  const Value y = conv(s / "conv", relu(norm(s / "norm", x)), {.out = out});
  return avg_pool(y, {});
}

Graph densenet(const Net& net, const ModelOptions& options) {
  if (options.zero_gamma) fail_usage("{}: has no residual branches; leave out --zero-gamma", net.name);
  Graph graph;
  const Scope root{&graph, ""};
  const Scope s = root / "features";
  Value x = first_layers(s, net, options);
  for (std::size_t block = 0; block < net.blocks.size(); ++block) {
    const std::string number = std::to_string(block + 1);
    for (std::int64_t i = 1; i <= net.blocks[block]; ++i) {
      x = concat({x, dense_layer(s / ("denseblock" + number) / ("denselayer" + std::to_string(i)), x, net)});
    }
    if (block + 1 < net.blocks.size()) x = transition(s / ("transition" + number), x, net.compression);
  }
  x = counted(relu(norm(s / (net.elastic_source ? "norm_final" : "norm5"), x)), 0);
  if (net.elastic_source) x = whole_cells(x, options.stem == Stem::small ? 8 : 7);
  const Value features = dropout(root / "dropout", flatten(global_pool(x)), options.dropout);
  output(linear(root / "classifier", features, {.out = options.classes}));
  return graph;
}

constexpr const char* kHuang = "Huang et al. 2017, arXiv:1608.06993";

}  // namespace

std::vector<ModelInfo> densenet_models() {
  const Family<Net> plain{"DenseNet", "torchvision", kHuang, densenet};
  const Family<Net> elastic{"Elastic DenseNet", "elastic", kWang, densenet};
  return {
      plain("densenet121", {74.434, 91.972}, {.name = "densenet121", .blocks = {6, 12, 24, 16}}),
      plain("densenet161", {77.138, 93.560},
            {.name = "densenet161", .blocks = {6, 12, 36, 24}, .growth = 48, .first_width = 96}),
      plain("densenet169", {75.600, 92.806}, {.name = "densenet169", .blocks = {6, 12, 32, 32}}),
      plain("densenet201", {76.896, 93.370}, {.name = "densenet201", .blocks = {6, 12, 48, 32}}),
      elastic("elastic/densenet201", {},
              {.name = "elastic/densenet201", .blocks = {6, 12, 48, 32}, .elastic_source = true}),
      elastic("densenet201_elastic", {},
              {.name = "densenet201_elastic", .blocks = {10, 20, 40, 30}, .elastic = true, .elastic_source = true}),
  };
}

ModelInfo elastic_densenet_variant(const std::string& name, const DenseNetShape& shape, bool elastic) {
  const Family<Net> family{"Elastic DenseNet", "elastic", kWang, densenet};
  using Blocks = std::array<std::int64_t, 4>;
  return family(name, {},
                {.name = "this DenseNet",
                 .blocks = elastic ? Blocks{10, 20, 40, 30} : Blocks{6, 12, 48, 32},
                 .growth = shape.growth,
                 .first_width = shape.first_width,
                 .elastic = elastic,
                 .elastic_source = true,
                 .bottleneck = shape.bottleneck,
                 .compression = shape.compression});
}

}  // namespace springbok::zoo
