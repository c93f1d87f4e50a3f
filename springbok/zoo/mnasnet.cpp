// MNASNet-B1 (Tan et al. 2019, figure 7 without squeeze-and-excitation) at four widths, with torchvision's keys.
#include <array>

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"

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

Graph mnasnet(const double& width, const ModelOptions& options) {
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

constexpr const char* kTan1 = "Tan et al. 2019, arXiv:1807.11626";

}  // namespace

std::vector<ModelInfo> mnasnet_models() {
  const Family<double> torchvision{"MNASNet", "torchvision", kTan1, mnasnet};
  return {
      torchvision("mnasnet0_5", {67.734, 87.49}, 0.5),
      torchvision("mnasnet0_75", {71.18, 90.496}, 0.75),
      torchvision("mnasnet1_0", {73.456, 91.51}, 1),
      torchvision("mnasnet1_3", {76.506, 93.522}, 1.3),
  };
}

}  // namespace springbok::zoo
