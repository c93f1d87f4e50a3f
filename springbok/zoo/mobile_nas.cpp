// FairNAS (Chu et al. 2019, figure 8) and ProxylessNAS (Cai et al. 2019, figure 4): chains of inverted residuals, with
// ModelZoo's keys.

#include <vector>

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"

namespace springbok::zoo {
namespace {

using namespace graph;

/// What the search chose for a block.
struct Choice {
  std::int64_t expand, kernel;
};

struct Stage {
  std::int64_t out, stride;  ///< the stride is the first block's
  std::vector<Choice> blocks;
};

struct Net {
  std::int64_t stem = 32;   ///< width of the first convolution
  std::int64_t first = 16;  ///< width of the first, unexpanded block
  std::vector<Stage> stages;
  std::int64_t last = 1280;
};

Value inverted_residual(const Scope& s, Value x, const Choice& choice, std::int64_t out, std::int64_t stride,
                        const ModelOptions& options) {
  const bool skip = stride == 1 && x.channels() == out;
  Value y = activation(conv_bn(s, "1", x, {.out = x.channels() * choice.expand}), Act::relu6);
  y = activation(conv_bn(s, "2", y, depthwise(y, choice.kernel, stride)), Act::relu6);
  y = conv_bn(s, "3", y, {.out = out}, skip ? last_norm(options) : NormOptions{});
  return skip ? residual(s, y, x) : y;
}

Graph chain(const Net& net, const ModelOptions& options) {
  Graph graph;
  const Scope root{&graph, ""};
  Sequential first(root / "first_block", input(graph, options.channels));
  first.conv({.out = net.stem, .kernel = 3, .stride = stem_stride(options)}).norm().act(Act::relu6);
  first.conv(depthwise(first.value(), 3, 1)).norm().act(Act::relu6).conv({.out = net.first}).norm();
  Sequential blocks(root / "mb_blocks", first.value());
  for (const Stage& stage : net.stages) {
    std::int64_t stride = stage.stride;
    for (const Choice& choice : stage.blocks) {
      blocks.add([&](const Scope& s, Value x) { return inverted_residual(s, x, choice, stage.out, stride, options); });
      stride = 1;
    }
  }
  Sequential last(root / "last_block", blocks.value());
  classifier(root, last.conv({.out = net.last}).norm().act(Act::relu6).value(), options, "output");
  return graph;
}

Net fairnas_a() {
  return {.stages = {{32, 2, {{3, 7}, {3, 3}}},
                     {40, 2, {{3, 7}, {6, 3}, {6, 7}, {3, 3}}},
                     {80, 2, {{3, 3}, {6, 7}, {6, 7}, {3, 5}}},
                     {96, 1, {{6, 3}, {3, 5}, {3, 5}, {3, 3}}},
                     {192, 2, {{6, 3}, {6, 7}, {6, 3}, {6, 7}}},
                     {320, 1, {{6, 5}}}}};
}
Net fairnas_b() {
  return {.stages = {{32, 2, {{3, 5}, {3, 3}}},
                     {40, 2, {{3, 5}, {3, 3}, {6, 3}, {3, 5}}},
                     {80, 2, {{3, 7}, {3, 3}, {6, 3}, {3, 5}}},
                     {96, 1, {{3, 3}, {6, 3}, {3, 7}, {3, 3}}},
                     {192, 2, {{6, 7}, {6, 5}, {6, 7}, {6, 3}}},
                     {320, 1, {{6, 5}}}}};
}
Net fairnas_c() {
  return {.stages = {{32, 2, {{3, 5}, {3, 3}}},
                     {40, 2, {{3, 7}, {3, 3}, {3, 3}, {3, 3}}},
                     {80, 2, {{3, 3}, {3, 3}, {3, 3}, {6, 3}}},
                     {96, 1, {{3, 3}, {3, 3}, {3, 3}, {3, 3}}},
                     {192, 2, {{6, 7}, {6, 7}, {6, 3}, {6, 3}}},
                     {320, 1, {{6, 5}}}}};
}
Net proxyless_cpu() {
  return {.stem = 40,
          .first = 24,
          .stages = {{32, 2, {{6, 3}, {3, 3}, {3, 3}, {3, 3}}},
                     {48, 2, {{6, 3}, {3, 3}, {3, 3}, {3, 5}}},
                     {88, 2, {{6, 3}, {3, 3}}},
                     {104, 1, {{6, 5}, {3, 3}, {3, 3}, {3, 3}}},
                     {216, 2, {{6, 5}, {3, 5}, {3, 5}, {3, 3}}},
                     {360, 1, {{6, 5}}}},
          .last = 1432};
}
Net proxyless_gpu() {
  return {.stem = 40,
          .first = 24,
          .stages = {{32, 2, {{3, 5}}},
                     {56, 2, {{3, 7}, {3, 3}}},
                     {112, 2, {{6, 7}, {3, 5}}},
                     {128, 1, {{6, 5}, {3, 3}, {3, 5}}},
                     {256, 2, {{6, 7}, {6, 7}, {6, 7}, {6, 5}}},
                     {432, 1, {{6, 7}}}},
          .last = 1728};
}
Net proxyless_mobile() {
  return {.stages = {{32, 2, {{3, 5}, {3, 3}}},
                     {40, 2, {{3, 7}, {3, 3}, {3, 5}, {3, 5}}},
                     {80, 2, {{6, 7}, {3, 5}, {3, 5}, {3, 5}}},
                     {96, 1, {{6, 5}, {3, 5}, {3, 5}, {3, 5}}},
                     {192, 2, {{6, 7}, {6, 7}, {3, 7}, {3, 7}}},
                     {320, 1, {{6, 7}}}}};
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
