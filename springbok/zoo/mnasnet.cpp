// MNASNet-B1 (Tan et al. 2019, figure 7 without squeeze-and-excitation) at four widths, with torchvision's keys.
#include <array>

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/mobile_nas.h"

namespace springbok::zoo {
namespace {

using namespace graph;

struct Stage {
  std::int64_t kernel, stride, expand, out, blocks;
};

constexpr std::array<Stage, 6> kStages{
    {{3, 2, 3, 24, 3}, {5, 2, 3, 40, 3}, {5, 2, 6, 80, 3}, {3, 1, 6, 96, 2}, {5, 2, 6, 192, 4}, {3, 1, 6, 320, 1}}};
constexpr NormOptions kNorm{.momentum = 1 - 0.9997};

Value inverted_residual(const Scope& s, Value x, const Stage& stage, const ModelOptions& options) {
  const bool skip = stage.stride == 1 && x.channels() == stage.out;
  Sequential seq(s / "layers", x);
  seq.conv({.out = x.channels() * stage.expand}).norm(kNorm).act(Act::relu);
  seq.conv(depthwise(seq.value(), stage.kernel, stage.stride)).norm(kNorm).act(Act::relu);
  const Value y = seq.conv({.out = stage.out}).norm(skip ? last_norm(options, kNorm) : kNorm).value();
  return skip ? residual(s, y, x) : y;
}

Graph mnasnet(double width, const ModelOptions& options) {
  const auto wide = [&](std::int64_t channels) { return round_channels(static_cast<double>(channels) * width); };
  Graph graph;
  const Scope root{&graph, ""};
  Sequential layers(root / "layers", input(graph, options.channels));
  layers.conv({.out = wide(32), .kernel = 3, .stride = stem_stride(options)}).norm(kNorm).act(Act::relu);
  layers.conv(depthwise(layers.value(), 3, 1)).norm(kNorm).act(Act::relu).conv({.out = wide(16)}).norm(kNorm);
  for (Stage stage : kStages) {
    stage.out = wide(stage.out);
    layers.add([&](const Scope& s, Value x) {
      for (std::int64_t i = 0; i < stage.blocks; ++i) {
        x = inverted_residual(s / i, x, stage, options);
        stage.stride = 1;
      }
      return x;
    });
  }
  classifier(root, layers.conv({.out = 1280}).norm(kNorm).act(Act::relu).value(), options, "classifier.1");
  return graph;
}

}  // namespace

Graph mnasnet0_5(const ModelOptions& options) {
  return mnasnet(0.5, options);
}
Graph mnasnet0_75(const ModelOptions& options) {
  return mnasnet(0.75, options);
}
Graph mnasnet1_0(const ModelOptions& options) {
  return mnasnet(1, options);
}
Graph mnasnet1_3(const ModelOptions& options) {
  return mnasnet(1.3, options);
}

}  // namespace springbok::zoo
