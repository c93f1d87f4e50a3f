// FairNAS (Chu et al. 2019, figure 8) and ProxylessNAS (Cai et al. 2019, figure 4): chains of inverted residuals, with
// ModelZoo's keys.
#include "springbok/zoo/mobile_nas.h"

#include <vector>

#include "springbok/zoo/blocks.h"

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

}  // namespace

Graph fairnas_a(const ModelOptions& options) {
  return chain({.blocks = {{3, 32, 7, 2},
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
                           {6, 320, 5, 1}}},
               options);
}
Graph fairnas_b(const ModelOptions& options) {
  return chain({.blocks = {{3, 32, 5, 2},
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
                           {6, 320, 5, 1}}},
               options);
}
Graph fairnas_c(const ModelOptions& options) {
  return chain({.blocks = {{3, 32, 5, 2},
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
                           {6, 320, 5, 1}}},
               options);
}
Graph proxyless_cpu(const ModelOptions& options) {
  return chain({.stem = 40,
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
                .last = 1432},
               options);
}
Graph proxyless_gpu(const ModelOptions& options) {
  return chain({.stem = 40,
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
                .last = 1728},
               options);
}
Graph proxyless_mobile(const ModelOptions& options) {
  return chain({.blocks = {{3, 32, 5, 2},
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
                           {6, 320, 7, 1}}},
               options);
}

}  // namespace springbok::zoo
