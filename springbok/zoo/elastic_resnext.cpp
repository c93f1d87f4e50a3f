// Elastic's ResNeXt (Wang et al., CVPR 2019, sec. 3 and figure 3): each block sums two branches of 16 groups. In an
// elastic net the first branch works at half resolution where the block keeps its size and is not in the last stage.
#include "springbok/zoo/elastic_resnext.h"

#include <array>

#include "springbok/zoo/blocks.h"

namespace springbok::zoo {
namespace {

using namespace graph;

struct Net {
  std::array<std::int64_t, 4> blocks;
  bool elastic = false;
  bool squeeze_excite = false;
};

constexpr std::int64_t kBranchGroups = 16;
constexpr std::int64_t kLastStagePlanes = 512;

/// 1x1, grouped 3x3, 1x1; the last convolution's norm comes after the branches are summed.
Value branch(const Scope& s, const std::string& suffix, Value x, std::int64_t planes, std::int64_t stride) {
  Value y = relu(conv_bn(s, "1" + suffix, x, {.out = planes}));
  y = relu(conv_bn(s, "2" + suffix, y, {.out = planes, .kernel = 3, .stride = stride, .groups = kBranchGroups}));
  return conv(s / ("conv3" + suffix), y, {.out = 4 * planes});
}

Value block(const Scope& s, Value x, std::int64_t planes, std::int64_t stride, const Net& net,
            const ModelOptions& options) {
  const bool halve = net.elastic && stride == 1 && planes < kLastStagePlanes;
  const Value half = halve ? avg_pool(pad_even(x), {.kernel = 2, .stride = 2}) : x;
  Value low = branch(s, "_d", half, planes, stride);
  const Value high = branch(s, "", x, planes, stride);
  if (halve) low = crop_like(upsample(low, 2), high);
  Value y = norm(s / "bn3", add(high, low), last_norm(options));
  if (net.squeeze_excite) y = squeeze_excite(s / "selayer", y, 4 * planes / 16, "conv1", "conv2");
  return relu(add(y, shortcut(s, x, 4 * planes, stride)));
}

Graph resnext(const Net& net, const ModelOptions& options) {
  Graph graph;
  const Scope root{&graph, ""};
  Value x = stem(root, options, 64);
  for (std::size_t stage = 0; stage < 4; ++stage) {
    for (std::int64_t i = 0; i < net.blocks[stage]; ++i) {
      const std::int64_t stride = stage > 0 && i == 0 ? 2 : 1;
      x = block(root / ("layer" + std::to_string(stage + 1)) / i, x, std::int64_t{64} << stage, stride, net, options);
    }
  }
  classifier(root, x, options);
  return graph;
}

}  // namespace

Graph elastic_resnext50(const ModelOptions& options) {
  return resnext({.blocks = {3, 4, 6, 3}}, options);
}
Graph elastic_resnext50_elastic(const ModelOptions& options) {
  return resnext({.blocks = {6, 8, 5, 3}, .elastic = true}, options);
}
Graph elastic_resnext101(const ModelOptions& options) {
  return resnext({.blocks = {3, 4, 23, 3}}, options);
}
Graph elastic_resnext101_elastic(const ModelOptions& options) {
  return resnext({.blocks = {12, 14, 20, 3}, .elastic = true}, options);
}
Graph elastic_se_resnext50(const ModelOptions& options) {
  return resnext({.blocks = {3, 4, 6, 3}, .squeeze_excite = true}, options);
}
Graph elastic_se_resnext50_elastic(const ModelOptions& options) {
  return resnext({.blocks = {6, 8, 5, 3}, .elastic = true, .squeeze_excite = true}, options);
}

}  // namespace springbok::zoo
