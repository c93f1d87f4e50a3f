// Small nets for small data, with Elastic's blocks and without (Wang et al. 2019): a trunk of eight ResNeXt blocks with
// a classifier of images. Or with a classifier of pixels on a feature pyramid (Lin et al. 2017, arXiv:1612.03144, fig.
// 3; its finest map alone), which EfficientNet-Lite0 has too. The twins of each pair have the same weights.
#include "springbok/zoo/families.h"
#include "springbok/zoo/trunks.h"

namespace springbok::zoo {
namespace {

using namespace graph;

struct Net {
  bool elastic = false;
};

/// Maps at strides 4, 8, 16 and 32.
std::vector<Value> trunk(const Scope& root, const Net& net, const ModelOptions& options) {
  constexpr std::int64_t kStem = 24, kPlanes = 16, kStages = 4, kBlocks = 2, kGroups = 16;
  const ConvOptions first{.out = kStem, .kernel = 3, .stride = stem_stride(options)};
  Value x = relu(conv_bn(root, "1", input(*root.graph, options.channels), first));
  if (options.stem == Stem::standard) x = max_pool(x, {.kernel = 3, .stride = 2, .padding = 1});
  std::vector<Value> maps;
  for (std::int64_t stage = 0; stage < kStages; ++stage) {
    for (std::int64_t i = 0; i < kBlocks; ++i) {
      const ElasticBlock block{.planes = kPlanes << stage,
                               .stride = stage > 0 && i == 0 ? 2 : 1,
                               .groups = kGroups,
                               .elastic = net.elastic && stage + 1 < kStages,
                               .zero_gamma = options.zero_gamma};
      x = elastic_resnext_block(root / ("layer" + std::to_string(stage + 1)) / i, x, block);
    }
    maps.push_back(x);
  }
  return maps;
}

Graph classify(const Net& net, const ModelOptions& options) {
  Graph graph;
  const Scope root{&graph, ""};
  classifier(root, trunk(root, net, options).back(), options);
  return graph;
}

/// Brings all maps to one width, adds each to the finer one, and classifies the finest: keys `decoder.*`.
void classify_pixels(const Scope& s, const std::vector<Value>& maps, std::int64_t width, const ModelOptions& options) {
  Value x = conv_bn(s / std::to_string(maps.size() - 1), "", maps.back(), {.out = width});
  for (std::size_t i = maps.size() - 1; i-- > 0;) {
    const Value finer = conv_bn(s / std::to_string(i), "", maps[i], {.out = width});
    x = add(finer, upsample_like(x, finer, false));
  }
  x = relu(conv_bn(s / "last", "", x, {.out = width, .kernel = 3}));
  x = conv(s / "classifier", dropout(s / "dropout", x, options.dropout), {.out = options.classes, .bias = true});
  output(upsample_like(x, Value{s.graph, 0}, false));
}

Graph segment(const Net& net, const ModelOptions& options) {
  constexpr std::int64_t kWidth = 48;
  Graph graph;
  const Scope root{&graph, ""};
  classify_pixels(root / "decoder", trunk(root, net, options), kWidth, options);
  return graph;
}

Graph segment_lite(const Net&, const ModelOptions& options) {
  constexpr std::int64_t kWidth = 64;
  Graph graph;
  const Scope root{&graph, ""};
  classify_pixels(root / "decoder", lite0_trunk(root, options), kWidth, options);
  return graph;
}

}  // namespace

std::vector<ModelInfo> pyramid_models() {
  const Family<Net> images{"Small nets", "elastic", kWang, classify};
  const Family<Net> pixels{"Small nets", "elastic", kWang, segment, Task::segment};
  const Family<Net> lite{"Small nets", "timm", "Lin et al. 2017, arXiv:1612.03144", segment_lite, Task::segment};
  return {
      images("resnext_small", {.input = 128}, {}),
      images("resnext_small_elastic", {.input = 128}, {.elastic = true}),
      pixels("resnext_small_seg", {.input = 128}, {}),
      pixels("resnext_small_elastic_seg", {.input = 128}, {.elastic = true}),
      lite("efficientnet_lite0_seg", {.input = 224}, {}),
  };
}

}  // namespace springbok::zoo
