// ShuffleNet v2 (Ma et al. 2018, table 5 and figure 3 c, d) with torchvision's keys.

#include <array>

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"

namespace springbok::zoo {
namespace {

using namespace graph;

constexpr std::array<std::int64_t, 3> kBlocks{4, 8, 4};

/// 1x1, depthwise 3x3, 1x1, to `width` channels.
Value branch(const Scope& s, Value x, std::int64_t width, std::int64_t stride) {
  Sequential seq(s, x);
  seq.conv({.out = width}).norm().act(Act::relu);
  return seq.conv(depthwise(seq.value(), 3, stride)).norm().conv({.out = width}).norm().act(Act::relu).value();
}

/// Figure 3 d: both branches halve the size.
Value halving(const Scope& s, Value x, std::int64_t width) {
  Sequential aside(s / "branch1", x);
  aside.conv(depthwise(x, 3, 2)).norm().conv({.out = width / 2}).norm().act(Act::relu);
  return shuffle_channels(concat({aside.value(), branch(s / "branch2", x, width / 2, 2)}), 2);
}

/// Figure 3 c: half of the channels pass.
Value block(const Scope& s, Value x) {
  const std::int64_t half = x.channels() / 2;
  const Value kept = slice_channels(x, 0, half);
  return shuffle_channels(concat({kept, branch(s / "branch2", slice_channels(x, half, half), half, 1)}), 2);
}

struct Net {
  std::array<std::int64_t, 3> widths;
  std::int64_t last = 1024;  ///< width of the last convolution
};

Graph shufflenet(const Net& net, const ModelOptions& options) {
  refuse_zero_gamma(options, "shufflenet_v2");
  Graph graph;
  const Scope root{&graph, ""};
  Sequential first(root / "conv1", input(graph, options.channels));
  Value x = first.conv({.out = 24, .kernel = 3, .stride = stem_stride(options)}).norm().act(Act::relu).value();
  if (options.stem != Stem::small) x = max_pool(x, {.kernel = 3, .stride = 2, .padding = 1});
  for (std::size_t stage = 0; stage < net.widths.size(); ++stage) {
    for (std::int64_t i = 0; i < kBlocks[stage]; ++i) {
      const Scope s = root / ("stage" + std::to_string(stage + 2)) / i;
      x = i == 0 ? halving(s, x, net.widths[stage]) : block(s, x);
    }
  }
  classifier(root, Sequential(root / "conv5", x).conv({.out = net.last}).norm().act(Act::relu).value(), options);
  return graph;
}

constexpr const char* kMa = "Ma et al. 2018, arXiv:1807.11164";

}  // namespace

std::vector<ModelInfo> shufflenet_models() {
  const Family<Net> torchvision{"ShuffleNet v2", "torchvision", kMa, shufflenet};
  return {
      torchvision("shufflenet_v2_x0_5", {60.552, 81.746}, {.widths = {48, 96, 192}}),
      torchvision("shufflenet_v2_x1_0", {69.362, 88.316}, {.widths = {116, 232, 464}}),
      torchvision("shufflenet_v2_x1_5", {72.996, 91.086}, {.widths = {176, 352, 704}}),
      torchvision("shufflenet_v2_x2_0", {76.23, 93.006}, {.widths = {244, 488, 976}, .last = 2048}),
  };
}

}  // namespace springbok::zoo
