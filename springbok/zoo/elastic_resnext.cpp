// Elastic's ResNeXt (Wang et al., CVPR 2019, sec. 3 and figure 3): each block sums two branches of 16 groups. In an
// elastic net the first branch works at half resolution where the block keeps its size and is not in the last stage.
// Segmentation: DeepLabv3 (Chen et al. 2017, arXiv:1706.05587) at output stride 16. A last stage of stride 1 with
// dilations 2, 4, 8 (its multi-grid of 1, 2, 4), atrous spatial pyramid pooling, and upsampling with aligned corners.
#include <array>

#include "springbok/base/error.h"
#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"
#include "springbok/zoo/variants.h"

namespace springbok::zoo {
namespace {

using namespace graph;

struct Net {
  std::array<std::int64_t, 4> blocks;
  bool elastic = false;
  bool squeeze_excite = false;
  const char* name = "";  ///< of a segmentation net
  double momentum = 0.1;  ///< of the norms
};

/// One block's place in the net.
struct Block {
  std::int64_t planes = 0;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t groups = 16;  ///< of each branch
};

constexpr std::int64_t kLastStagePlanes = 512;
constexpr double kSegmentationMomentum = 0.05;  ///< the published code applies it twice a step, as it recomputes blocks
constexpr double kPyramidMomentum = 0.0003;

/// 1x1, grouped 3x3, 1x1; the last convolution's norm comes after the branches are summed.
Value branch(const Scope& s, const std::string& suffix, Value x, const Block& b, const NormOptions& norms) {
  const ConvOptions spatial{
      .out = b.planes, .kernel = 3, .stride = b.stride, .dilation = b.dilation, .groups = b.groups};
  Value y = relu(conv_bn(s, "1" + suffix, x, {.out = b.planes}, norms));
  y = relu(conv_bn(s, "2" + suffix, y, spatial, norms));
  return conv(s / ("conv3" + suffix), y, {.out = 4 * b.planes});
}

Value block(const Scope& s, Value x, const Block& b, const Net& net, const ModelOptions& options) {
  const NormOptions norms{.momentum = net.momentum};
  const bool halve = net.elastic && b.stride == 1 && b.planes < kLastStagePlanes;
  const Value half = halve ? avg_pool(pad_even(x), {.kernel = 2, .stride = 2}) : x;
  Value low = branch(s, "_d", half, b, norms);
  const Value high = branch(s, "", x, b, norms);
  if (halve) low = crop_like(upsample(low, 2), high);
  NormOptions last = last_norm(options);
  last.momentum = net.momentum;
  Value y = norm(s / "bn3", add(high, low), last);
  if (net.squeeze_excite) y = squeeze_excite(s / "selayer", y, 4 * b.planes / 16, "conv1", "conv2");
  return relu(residual(s, y, shortcut(s, x, 4 * b.planes, b.stride, norms)));
}

/// The first `stages` stages, each of stride 2 but the first.
Value trunk(const Scope& root, std::size_t stages, const Net& net, const ModelOptions& options) {
  Value x = stem(root, options, 64, {.momentum = net.momentum});
  for (std::size_t stage = 0; stage < stages; ++stage) {
    for (std::int64_t i = 0; i < net.blocks[stage]; ++i) {
      const Block b{.planes = std::int64_t{64} << stage, .stride = stage > 0 && i == 0 ? 2 : 1};
      x = block(root / ("layer" + std::to_string(stage + 1)) / i, x, b, net, options);
    }
  }
  return x;
}

Graph resnext(const Net& net, const ModelOptions& options) {
  Graph graph;
  const Scope root{&graph, ""};
  classifier(root, trunk(root, 4, net, options), options);
  return graph;
}

/// Atrous spatial pyramid pooling: five views of the features, joined, and the classifier of pixels. Keys in the
/// published order: the views' convolutions before their norms.
Value pyramid(const Scope& s, Value x, std::int64_t classes) {
  constexpr std::int64_t kWidth = 256;
  constexpr std::array<std::int64_t, 3> kDilations{6, 12, 18};
  const NormOptions norms{.momentum = kPyramidMomentum};
  std::vector<Value> views{conv(s / "aspp1", x, {.out = kWidth})};
  for (std::size_t i = 0; i < kDilations.size(); ++i) {
    views.push_back(
        conv(s / ("aspp" + std::to_string(i + 2)), x, {.out = kWidth, .kernel = 3, .dilation = kDilations[i]}));
  }
  views.push_back(conv(s / "aspp5", global_pool(x), {.out = kWidth}));
  for (std::size_t i = 0; i < views.size(); ++i) {
    views[i] = relu(norm(s / ("aspp" + std::to_string(i + 1) + "_bn"), views[i], norms));
  }
  views.back() = upsample_like(views.back(), x);
  const Value y = relu(conv_bn(s, "2", concat(views), {.out = kWidth}, norms));
  return conv(s / "conv3", y, {.out = classes, .bias = true});
}

Graph segmentation(const Net& published, const ModelOptions& options) {
  if (options.dropout != 0) fail_usage("{}: has no dropout; leave out --dropout", published.name);
  Net net = published;
  net.momentum = kSegmentationMomentum;
  Graph graph;
  const Scope root{&graph, ""};
  Value x = trunk(root, 3, net, options);
  for (std::int64_t i = 0; i < 3; ++i) {
    x = block(root / "layer4" / i, x, {.planes = kLastStagePlanes, .dilation = std::int64_t{2} << i}, net, options);
  }
  const Value image{&graph, 0};
  output(upsample_like(pyramid(root / "aspp", x, options.classes), image));
  return graph;
}

}  // namespace

Value elastic_resnext_block(const Scope& scope, Value x, const ElasticBlock& b) {
  const Net net{.blocks = {}, .elastic = b.elastic};
  return block(scope, x, {.planes = b.planes, .stride = b.stride, .groups = b.groups / 2}, net,
               {.zero_gamma = b.zero_gamma});
}

std::vector<ModelInfo> elastic_resnext_models() {
  const Family<Net> images{"Elastic ResNeXt", "elastic", kWang, resnext};
  const Family<Net> excited{"Elastic SE-ResNeXt", "elastic", kWang, resnext};
  const Family<Net> pixels{"Elastic segmentation", "elastic", kWang, segmentation, Task::segment};
  return {
      images("resnext50", {77.80, 0, 224, "paper"}, {.blocks = {3, 4, 6, 3}}),
      images("resnext50_elastic", {78.44, 0, 224, "paper"}, {.blocks = {6, 8, 5, 3}, .elastic = true}),
      images("resnext101", {78.80, 0, 224, "paper"}, {.blocks = {3, 4, 23, 3}}),
      images("resnext101_elastic", {79.17, 0, 224, "paper"}, {.blocks = {12, 14, 20, 3}, .elastic = true}),
      excited("se_resnext50", {}, {.blocks = {3, 4, 6, 3}, .squeeze_excite = true}),
      excited("se_resnext50_elastic", {}, {.blocks = {6, 8, 5, 3}, .elastic = true, .squeeze_excite = true}),
      pixels("resnext50_seg", {.input = 513}, {.blocks = {3, 4, 6, 3}, .name = "resnext50_seg"}),
      pixels("resnext50_elastic_seg", {.input = 513},
             {.blocks = {6, 8, 5, 3}, .elastic = true, .name = "resnext50_elastic_seg"}),
      pixels("resnext101_seg", {.input = 513}, {.blocks = {3, 4, 23, 3}, .name = "resnext101_seg"}),
      pixels("resnext101_elastic_seg", {.input = 513},
             {.blocks = {12, 14, 20, 3}, .elastic = true, .name = "resnext101_elastic_seg"}),
  };
}

ModelInfo se_resnext_seg_variant(const std::string& name, bool elastic) {
  const Family<Net> family{"Elastic segmentation", "elastic", kWang, segmentation, Task::segment};
  using Blocks = decltype(Net::blocks);
  return family(name, {.input = 513},
                {.blocks = elastic ? Blocks{6, 8, 5, 3} : Blocks{3, 4, 6, 3},
                 .elastic = elastic,
                 .squeeze_excite = true,
                 .name = "this SE-ResNeXt"});
}

}  // namespace springbok::zoo
