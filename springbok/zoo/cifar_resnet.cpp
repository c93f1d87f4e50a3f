// ResNets for small images: 6n+2 layers, widths 16, 32, 64, parameter-free shortcuts (He et al. 2016, sec. 4.2). The
// elastic form splits each block into two branches of half the width, so both have the same convolution weights. Where
// the block keeps its size and is not in the last stage, the first branch works at half resolution.

#include "springbok/base/error.h"
#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"

namespace springbok::zoo {
namespace {

using namespace graph;

constexpr std::int64_t kLastStageWidth = 64;

Value plain_shortcut(Value x, std::int64_t out, std::int64_t stride) {
  return stride == 1 && x.channels() == out ? x : pad_channels(x, out, stride);
}

Value basic(const Scope& s, Value x, std::int64_t width, std::int64_t stride, const ModelOptions& options) {
  Value y = relu(conv_bn(s, "1", x, {.out = width, .kernel = 3, .stride = stride}));
  y = conv_bn(s, "2", y, {.out = width, .kernel = 3}, last_norm(options));
  return relu(residual(s, y, plain_shortcut(x, width, stride)));
}

/// 3x3 to half the width, 3x3 back; the last norm comes after the branches are summed.
Value branch(const Scope& s, const std::string& suffix, Value x, std::int64_t width, std::int64_t stride) {
  const Value y = relu(conv_bn(s, "1" + suffix, x, {.out = width / 2, .kernel = 3, .stride = stride}));
  return conv(s / ("conv2" + suffix), y, {.out = width, .kernel = 3});
}

Value elastic(const Scope& s, Value x, std::int64_t width, std::int64_t stride, const ModelOptions& options) {
  const bool halve = stride == 1 && width < kLastStageWidth;
  const Value half = halve ? avg_pool(pad_even(x), {.kernel = 2, .stride = 2}) : x;
  Value low = branch(s, "_d", half, width, stride);
  const Value high = branch(s, "", x, width, stride);
  if (halve) low = crop_like(upsample(low, 2), high);
  const Value y = norm(s / "bn2", add(high, low), last_norm(options));
  return relu(residual(s, y, plain_shortcut(x, width, stride)));
}

struct Net {
  std::int64_t depth = 20;
  bool elastic = false;
};

Graph resnet(const Net& net, const ModelOptions& options) {
  if (options.stem != Stem::standard) fail_usage("resnet{}: has the small stem already; leave out --stem", net.depth);
  Graph graph;
  const Scope root{&graph, ""};
  Value x = relu(conv_bn(root, "1", input(graph, options.channels), {.out = 16, .kernel = 3}));
  for (std::int64_t stage = 0; stage < 3; ++stage) {
    for (std::int64_t i = 0; i < (net.depth - 2) / 6; ++i) {
      const Scope s = root / ("layer" + std::to_string(stage + 1)) / i;
      const std::int64_t stride = stage > 0 && i == 0 ? 2 : 1;
      x = (net.elastic ? elastic : basic)(s, x, std::int64_t{16} << stage, stride, options);
    }
  }
  classifier(root, x, options);
  return graph;
}

}  // namespace

std::vector<ModelInfo> cifar_resnet_models() {
  const Family<Net> plain{"ResNet for small images", "paper", kHe, resnet};
  const Family<Net> two_scales{"ResNet for small images", "elastic", kWang, resnet};
  std::vector<ModelInfo> all;
  for (const std::int64_t depth : {20, 32, 44, 56}) {
    all.push_back(plain("resnet" + std::to_string(depth), {.input = 32}, {.depth = depth}));
  }
  for (const std::int64_t depth : {20, 32, 44, 56}) {
    all.push_back(two_scales("resnet" + std::to_string(depth) + "_elastic", {.input = 32}, {depth, true}));
  }
  return all;
}

}  // namespace springbok::zoo
