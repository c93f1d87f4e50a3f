// EfficientNet (Tan and Le 2019, table 1, scaled by width and depth as in eq. 3) with torchvision's keys or ModelZoo's.
// And EfficientNet-Lite with timm's: ReLU6, no squeeze-and-excitation, TensorFlow's padding, ends that do not scale.
#include <array>
#include <cmath>

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"
#include "springbok/zoo/trunks.h"

namespace springbok::zoo {
namespace {

using namespace graph;

enum class Keys : std::uint8_t { torchvision, modelzoo };

struct Net {
  double width = 1, depth = 1;
  NormOptions norm = {};
  Keys keys = Keys::torchvision;
};

struct Stage {
  std::int64_t expand, kernel, stride, out, blocks;
};

constexpr std::array<Stage, 7> kStages{{{1, 3, 1, 16, 1},
                                        {6, 3, 2, 24, 2},
                                        {6, 5, 2, 40, 2},
                                        {6, 3, 2, 80, 3},
                                        {6, 5, 1, 112, 3},
                                        {6, 5, 2, 192, 4},
                                        {6, 3, 1, 320, 1}}};
constexpr std::int64_t kStemWidth = 32;
constexpr std::int64_t kHeadWidth = 1280;

std::int64_t repeats(std::int64_t blocks, double depth) {
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(blocks) * depth));
}

/// Convolution `0`, norm `1`, SiLU.
Value conv_swish(const Scope& s, Value x, const ConvOptions& conv, const Net& net) {
  return Sequential(s, x).conv(conv).norm(net.norm).act(Act::silu).value();
}

/// Mobile inverted bottleneck with squeeze-and-excitation.
Value mb_conv(const Scope& s, Value x, const Stage& stage, const Net& net, const ModelOptions& options) {
  const bool torchvision = net.keys == Keys::torchvision;
  std::int64_t child = 0;
  const auto at = [&](const char* name) { return torchvision ? s / "block" / child++ : s / name; };
  Value y = x;
  if (stage.expand != 1) y = conv_swish(at("layer1"), y, {.out = x.channels() * stage.expand}, net);
  y = conv_swish(at("layer2"), y, depthwise(y, stage.kernel, stage.stride), net);
  y = squeeze_excite(at("se_layer.se"), y, std::max<std::int64_t>(1, x.channels() / 4), torchvision ? "fc1" : "1",
                     torchvision ? "fc2" : "3", {.squeeze = Act::silu});
  const bool skip = stage.stride == 1 && x.channels() == stage.out;
  y = Sequential(at("layer3"), y).conv({.out = stage.out}).norm(skip ? last_norm(options, net.norm) : net.norm).value();
  return skip ? residual(s, y, x) : y;
}

Graph efficientnet(const Net& net, const ModelOptions& options) {
  const bool torchvision = net.keys == Keys::torchvision;
  const auto wide = [&](std::int64_t channels) { return round_channels(static_cast<double>(channels) * net.width); };
  Graph graph;
  const Scope root{&graph, ""};
  Value x = conv_swish(root / (torchvision ? "features.0" : "first_conv"), input(graph, options.channels),
                       {.out = wide(kStemWidth), .kernel = 3, .stride = stem_stride(options)}, net);
  for (std::int64_t i = 0; i < std::ssize(kStages); ++i) {
    Stage stage = kStages[static_cast<std::size_t>(i)];
    stage.out = wide(stage.out);
    const Scope s = torchvision ? root / "features" / (i + 1) : root / "blocks" / i;
    for (std::int64_t block = 0; block < repeats(stage.blocks, net.depth); ++block) {
      x = mb_conv(s / block, x, stage, net, options);
      stage.stride = 1;
    }
  }
  x = conv_swish(root / (torchvision ? "features.8" : "last_process"), x, {.out = 4 * x.channels()}, net);
  classifier(root, x, options, torchvision ? "classifier.1" : "output");
  return graph;
}

constexpr NormOptions kLiteNorm{.eps = 1e-3};

Value lite_conv(const Scope& s, const std::string& name, const std::string& norm_name, Value x, ConvOptions conv,
                bool act, const NormOptions& norm_options = kLiteNorm) {
  if (conv.stride != 1) {
    x = pad_same(x, conv.kernel, conv.stride);
    conv.padding = 0;
  }
  const Value y = norm(s / norm_name, graph::conv(s / name, x, conv), norm_options);
  return act ? activation(y, Act::relu6) : y;
}

Value lite_block(const Scope& s, Value x, const Stage& stage, const ModelOptions& options) {
  const bool expands = stage.expand != 1;
  const bool skip = stage.stride == 1 && x.channels() == stage.out;
  Value y = x;
  if (expands) y = lite_conv(s, "conv_pw", "bn1", y, {.out = x.channels() * stage.expand}, true);
  y = lite_conv(s, "conv_dw", expands ? "bn2" : "bn1", y, depthwise(y, stage.kernel, stage.stride), true);
  y = lite_conv(s, expands ? "conv_pwl" : "conv_pw", expands ? "bn3" : "bn2", y, {.out = stage.out}, false,
                skip ? last_norm(options, kLiteNorm) : kLiteNorm);
  return skip ? residual(s, y, x) : y;
}

/// The stages' outputs.
std::vector<Value> lite_stages(const Scope& root, const Net& net, const ModelOptions& options) {
  Value x = lite_conv(root, "conv_stem", "bn1", input(*root.graph, options.channels),
                      {.out = kStemWidth, .kernel = 3, .stride = stem_stride(options)}, true);
  std::vector<Value> stages;
  for (std::int64_t i = 0; i < std::ssize(kStages); ++i) {
    Stage stage = kStages[static_cast<std::size_t>(i)];
    const bool at_an_end = i == 0 || i + 1 == std::ssize(kStages);
    stage.out = round_channels(static_cast<double>(stage.out) * net.width);
    for (std::int64_t block = 0; block < repeats(stage.blocks, at_an_end ? 1 : net.depth); ++block) {
      x = lite_block(root / "blocks" / i / block, x, stage, options);
      stage.stride = 1;
    }
    stages.push_back(x);
  }
  return stages;
}

Graph lite(const Net& net, const ModelOptions& options) {
  Graph graph;
  const Scope root{&graph, ""};
  const Value x = lite_stages(root, net, options).back();
  classifier(root, lite_conv(root, "conv_head", "bn2", x, {.out = kHeadWidth}, true), options, "classifier");
  return graph;
}

constexpr NormOptions kDeepNorm{.eps = 1e-3, .momentum = 0.01};

constexpr const char* kTan = "Tan and Le 2019, arXiv:1905.11946";

}  // namespace

std::vector<Value> lite0_trunk(const Scope& root, const ModelOptions& options) {
  const std::vector<Value> stages = lite_stages(root, {}, options);
  return {stages[1], stages[2], stages[4], stages[6]};
}

std::vector<ModelInfo> efficientnet_models() {
  const Family<Net> torchvision{"EfficientNet", "torchvision", kTan, efficientnet};
  const Family<Net> modelzoo{"EfficientNet", "modelzoo", kTan, efficientnet};
  const Family<Net> timm{"EfficientNet-Lite", "timm", kTan, lite};
  return {
      torchvision("efficientnet_b0", {77.692, 93.532}, {}),
      torchvision("efficientnet_b1", {78.642, 94.186, 240}, {.width = 1, .depth = 1.1}),
      torchvision("efficientnet_b2", {80.608, 95.310, 288}, {.width = 1.1, .depth = 1.2}),
      torchvision("efficientnet_b3", {82.008, 96.054, 300}, {.width = 1.2, .depth = 1.4}),
      torchvision("efficientnet_b4", {83.384, 96.594, 380}, {.width = 1.4, .depth = 1.8}),
      torchvision("efficientnet_b5", {83.444, 96.628, 456}, {.width = 1.6, .depth = 2.2, .norm = kDeepNorm}),
      torchvision("efficientnet_b6", {84.008, 96.916, 528}, {.width = 1.8, .depth = 2.6, .norm = kDeepNorm}),
      torchvision("efficientnet_b7", {84.122, 96.908, 600}, {.width = 2, .depth = 3.1, .norm = kDeepNorm}),
      modelzoo("modelzoo/efficientnet_b0", {}, {.keys = Keys::modelzoo}),
      timm("efficientnet_lite0", {75.1, 0, 224, "tensorflow/tpu"}, {}),
      timm("efficientnet_lite1", {76.7, 0, 240, "tensorflow/tpu"}, {.width = 1, .depth = 1.1}),
      timm("efficientnet_lite2", {77.6, 0, 260, "tensorflow/tpu"}, {.width = 1.1, .depth = 1.2}),
      timm("efficientnet_lite3", {79.8, 0, 280, "tensorflow/tpu"}, {.width = 1.2, .depth = 1.4}),
      timm("efficientnet_lite4", {81.5, 0, 300, "tensorflow/tpu"}, {.width = 1.4, .depth = 1.8}),
  };
}

ModelInfo efficientnet_variant(const std::string& name, double depth) {
  const Family<Net> family{"EfficientNet", "modelzoo", kTan, efficientnet};
  return family(name, {}, {.depth = depth, .keys = Keys::modelzoo});
}

}  // namespace springbok::zoo
