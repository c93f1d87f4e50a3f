// FairNAS (Chu et al. 2019, figure 8) and ProxylessNAS (Cai et al. 2019, figure 4): chains of inverted residuals, with
// ModelZoo's keys.

#include <vector>

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"

namespace springbok::zoo {
namespace {

using namespace graph;

struct Block {
  std::int64_t expand, out, kernel, stride;
};

struct Net {
  std::int64_t stem = 32;   ///< width of the first convolution
  std::int64_t first = 16;  ///< width of the first, unexpanded block
  std::vector<Block> blocks;
  std::int64_t last = 1280;
};

Value inverted_residual(const Scope& s, Value x, const Block& b, const ModelOptions& options) {
  const bool skip = b.stride == 1 && x.channels() == b.out;
  Value y = activation(conv_bn(s, "1", x, {.out = x.channels() * b.expand}), Act::relu6);
  y = activation(conv_bn(s, "2", y, depthwise(y, b.kernel, b.stride)), Act::relu6);
  y = conv_bn(s, "3", y, {.out = b.out}, skip ? last_norm(options) : NormOptions{});
  return skip ? residual(s, y, x) : y;
}

Graph chain(const Net& net, const ModelOptions& options) {
  Graph graph;
  const Scope root{&graph, ""};
  Sequential first(root / "first_block", input(graph, options.channels));
  first.conv({.out = net.stem, .kernel = 3, .stride = stem_stride(options)}).norm().act(Act::relu6);
  first.conv(depthwise(first.value(), 3, 1)).norm().act(Act::relu6).conv({.out = net.first}).norm();
  Sequential blocks(root / "mb_blocks", first.value());
  for (const Block& b : net.blocks) {
    blocks.add([&](const Scope& s, Value x) { return inverted_residual(s, x, b, options); });
  }
  Sequential last(root / "last_block", blocks.value());
  classifier(root, last.conv({.out = net.last}).norm().act(Act::relu6).value(), options, "output");
  return graph;
}

Net fairnas_a() {
  return {.blocks = {{3, 32, 7, 2},
                     {3, 32, 3, 1},
                     {3, 40, 7, 2},
                     {6, 40, 3, 1},
                     {6, 40, 7, 1},
                     {3, 40, 3, 1},
                     {3, 80, 3, 2},
                     {6, 80, 7, 1},
                     {6, 80, 7, 1},
                     {3, 80, 5, 1},
                     {6, 96, 3, 1},
                     {3, 96, 5, 1},
                     {3, 96, 5, 1},
                     {3, 96, 3, 1},
                     {6, 192, 3, 2},
                     {6, 192, 7, 1},
                     {6, 192, 3, 1},
                     {6, 192, 7, 1},
                     {6, 320, 5, 1}}};
}
Net fairnas_b() {
  return {.blocks = {{3, 32, 5, 2},
                     {3, 32, 3, 1},
                     {3, 40, 5, 2},
                     {3, 40, 3, 1},
                     {6, 40, 3, 1},
                     {3, 40, 5, 1},
                     {3, 80, 7, 2},
                     {3, 80, 3, 1},
                     {6, 80, 3, 1},
                     {3, 80, 5, 1},
                     {3, 96, 3, 1},
                     {6, 96, 3, 1},
                     {3, 96, 7, 1},
                     {3, 96, 3, 1},
                     {6, 192, 7, 2},
                     {6, 192, 5, 1},
                     {6, 192, 7, 1},
                     {6, 192, 3, 1},
                     {6, 320, 5, 1}}};
}
Net fairnas_c() {
  return {.blocks = {{3, 32, 5, 2},
                     {3, 32, 3, 1},
                     {3, 40, 7, 2},
                     {3, 40, 3, 1},
                     {3, 40, 3, 1},
                     {3, 40, 3, 1},
                     {3, 80, 3, 2},
                     {3, 80, 3, 1},
                     {3, 80, 3, 1},
                     {6, 80, 3, 1},
                     {3, 96, 3, 1},
                     {3, 96, 3, 1},
                     {3, 96, 3, 1},
                     {3, 96, 3, 1},
                     {6, 192, 7, 2},
                     {6, 192, 7, 1},
                     {6, 192, 3, 1},
                     {6, 192, 3, 1},
                     {6, 320, 5, 1}}};
}
Net proxyless_cpu() {
  return {.stem = 40,
          .first = 24,
          .blocks = {{6, 32, 3, 2},
                     {3, 32, 3, 1},
                     {3, 32, 3, 1},
                     {3, 32, 3, 1},
                     {6, 48, 3, 2},
                     {3, 48, 3, 1},
                     {3, 48, 3, 1},
                     {3, 48, 5, 1},
                     {6, 88, 3, 2},
                     {3, 88, 3, 1},
                     {6, 104, 5, 1},
                     {3, 104, 3, 1},
                     {3, 104, 3, 1},
                     {3, 104, 3, 1},
                     {6, 216, 5, 2},
                     {3, 216, 5, 1},
                     {3, 216, 5, 1},
                     {3, 216, 3, 1},
                     {6, 360, 5, 1}},
          .last = 1432};
}
Net proxyless_gpu() {
  return {.stem = 40,
          .first = 24,
          .blocks = {{3, 32, 5, 2},
                     {3, 56, 7, 2},
                     {3, 56, 3, 1},
                     {6, 112, 7, 2},
                     {3, 112, 5, 1},
                     {6, 128, 5, 1},
                     {3, 128, 3, 1},
                     {3, 128, 5, 1},
                     {6, 256, 7, 2},
                     {6, 256, 7, 1},
                     {6, 256, 7, 1},
                     {6, 256, 5, 1},
                     {6, 432, 7, 1}},
          .last = 1728};
}
Net proxyless_mobile() {
  return {.blocks = {{3, 32, 5, 2},
                     {3, 32, 3, 1},
                     {3, 40, 7, 2},
                     {3, 40, 3, 1},
                     {3, 40, 5, 1},
                     {3, 40, 5, 1},
                     {6, 80, 7, 2},
                     {3, 80, 5, 1},
                     {3, 80, 5, 1},
                     {3, 80, 5, 1},
                     {6, 96, 5, 1},
                     {3, 96, 5, 1},
                     {3, 96, 5, 1},
                     {3, 96, 5, 1},
                     {6, 192, 7, 2},
                     {6, 192, 7, 1},
                     {3, 192, 7, 1},
                     {3, 192, 7, 1},
                     {6, 320, 7, 1}}};
}

constexpr const char* kChu = "Chu et al. 2019, arXiv:1907.01845";
constexpr const char* kCai = "Cai et al. 2019, arXiv:1812.00332";

}  // namespace

std::vector<ModelInfo> mobile_nas_models() {
  const Family<Net> fairnas{"FairNAS", "modelzoo", kChu, chain};
  const Family<Net> proxyless{"ProxylessNAS", "modelzoo", kCai, chain};
  const Family<Net> unbuilt{"ProxylessNAS", "paper", kCai, chain};  // ModelZoo's does not construct
  return {
      fairnas("fairnas_a", {75.34, 0, 224, "paper"}, fairnas_a()),
      fairnas("fairnas_b", {75.1, 0, 224, "paper"}, fairnas_b()),
      fairnas("fairnas_c", {74.69, 0, 224, "paper"}, fairnas_c()),
      proxyless("proxyless_cpu", {75.3, 92.4, 224, "paper"}, proxyless_cpu()),
      proxyless("proxyless_gpu", {75.1, 92.5, 224, "paper"}, proxyless_gpu()),
      unbuilt("proxyless_mobile", {74.6, 92.2}, proxyless_mobile()),
  };
}

}  // namespace springbok::zoo
