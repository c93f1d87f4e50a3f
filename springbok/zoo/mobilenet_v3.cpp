// MobileNet v3 (Howard et al. 2019, tables 1 and 2) with torchvision's keys and ModelZoo's.
#include <vector>

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"
#include "springbok/zoo/trunks.h"

namespace springbok::zoo {
namespace {

using namespace graph;

struct Block {
  std::int64_t kernel, hidden, out;
  bool squeeze_excite;
  Act act;
  std::int64_t stride;
  std::int64_t dilation = 1;
};

struct Net {
  std::vector<Block> blocks;
  std::int64_t last = 960;       ///< width of the last convolution
  std::int64_t features = 1280;  ///< width before the classifier
};

const Net& large() {
  static const Net net{.blocks = {{3, 16, 16, false, Act::relu, 1},
                                  {3, 64, 24, false, Act::relu, 2},
                                  {3, 72, 24, false, Act::relu, 1},
                                  {5, 72, 40, true, Act::relu, 2},
                                  {5, 120, 40, true, Act::relu, 1},
                                  {5, 120, 40, true, Act::relu, 1},
                                  {3, 240, 80, false, Act::hardswish, 2},
                                  {3, 200, 80, false, Act::hardswish, 1},
                                  {3, 184, 80, false, Act::hardswish, 1},
                                  {3, 184, 80, false, Act::hardswish, 1},
                                  {3, 480, 112, true, Act::hardswish, 1},
                                  {3, 672, 112, true, Act::hardswish, 1},
                                  {5, 672, 160, true, Act::hardswish, 2},
                                  {5, 960, 160, true, Act::hardswish, 1},
                                  {5, 960, 160, true, Act::hardswish, 1}}};
  return net;
}

Net small(std::int64_t features) {
  return {.blocks = {{3, 16, 16, true, Act::relu, 2},
                     {3, 72, 24, false, Act::relu, 2},
                     {3, 88, 24, false, Act::relu, 1},
                     {5, 96, 40, true, Act::hardswish, 2},
                     {5, 240, 40, true, Act::hardswish, 1},
                     {5, 240, 40, true, Act::hardswish, 1},
                     {5, 120, 48, true, Act::hardswish, 1},
                     {5, 144, 48, true, Act::hardswish, 1},
                     {5, 288, 96, true, Act::hardswish, 2},
                     {5, 576, 96, true, Act::hardswish, 1},
                     {5, 576, 96, true, Act::hardswish, 1}},
          .last = 576,
          .features = features};
}

constexpr NormOptions kNorm{.eps = 1e-3, .momentum = 0.01};  ///< torchvision's
constexpr std::int64_t kStemWidth = 16;
constexpr LinearOptions kSmallNormal{.init = Init::normal, .init_scale = 0.01};

Value excite(const Scope& s, Value x, const std::string& squeeze_key, const std::string& excite_key) {
  const std::int64_t hidden = round_channels(static_cast<double>(x.channels()) / 4);
  return squeeze_excite(s, x, hidden, squeeze_key, excite_key, {.excite = Act::hardsigmoid});
}

/// Convolution `0`, norm `1` and an activation, with torchvision's norm.
Value conv_act(const Scope& s, Value x, const ConvOptions& conv, Act act) {
  return Sequential(s, x).conv(conv).norm(kNorm).act(act).value();
}

Value torchvision_block(const Scope& s, Value x, const Block& b, const ModelOptions& options) {
  const bool skip = b.stride == 1 && x.channels() == b.out;
  Sequential seq(s / "block", x);
  if (b.hidden != x.channels()) {
    seq.add([&](const Scope& child, Value y) { return conv_act(child, y, {.out = b.hidden}, b.act); });
  }
  seq.add([&](const Scope& child, Value y) {
    ConvOptions spatial = depthwise(y, b.kernel, b.stride);
    spatial.dilation = b.dilation;
    return conv_act(child, y, spatial, b.act);
  });
  if (b.squeeze_excite) seq.add([&](const Scope& child, Value y) { return excite(child, y, "fc1", "fc2"); });
  seq.add([&](const Scope& child, Value y) {
    return Sequential(child, y).conv({.out = b.out}).norm(skip ? last_norm(options, kNorm) : kNorm).value();
  });
  return skip ? residual(s, seq.value(), x) : seq.value();
}

/// The values of all children of `features`.
std::vector<Value> torchvision_features(const Scope& scope, const Net& net, const ModelOptions& options) {
  Sequential features(scope, input(*scope.graph, options.channels));
  std::vector<Value> values;
  const auto next = [&](auto make) { values.push_back(features.add(make).value()); };
  next([&](const Scope& s, Value x) {
    return conv_act(s, x, {.out = kStemWidth, .kernel = 3, .stride = stem_stride(options)}, Act::hardswish);
  });
  for (const Block& b : net.blocks) {
    next([&](const Scope& s, Value x) { return torchvision_block(s, x, b, options); });
  }
  next([&](const Scope& s, Value x) { return conv_act(s, x, {.out = net.last}, Act::hardswish); });
  return values;
}

Graph torchvision(const Net& net, const ModelOptions& options) {
  Graph graph;
  const Scope root{&graph, ""};
  LinearOptions hidden = kSmallNormal;
  hidden.out = net.features;
  const Value features = torchvision_features(root / "features", net, options).back();
  const Value y = linear(root / "classifier" / 0, flatten(global_pool(features)), hidden);
  head(root, activation(y, Act::hardswish), options, "classifier.3", kSmallNormal);
  return graph;
}

Value modelzoo_block(const Scope& s, Value x, const Block& b, const ModelOptions& options) {
  const bool skip = b.stride == 1 && x.channels() == b.out;
  Sequential seq(s / "seq", x);
  if (b.hidden != x.channels()) seq.conv({.out = b.hidden}).norm().act(b.act);
  seq.conv(depthwise(seq.value(), b.kernel, b.stride)).norm().act(b.act);
  if (b.squeeze_excite) seq.add([&](const Scope& child, Value y) { return excite(child / "out", y, "0", "2"); });
  const Value y = seq.conv({.out = b.out}).norm(skip ? last_norm(options) : NormOptions{}).value();
  return skip ? residual(s, y, x) : y;
}

Graph modelzoo(const Net& net, const ModelOptions& options) {
  Graph graph;
  const Scope root{&graph, ""};
  Sequential first(root / "first_block", input(graph, options.channels));
  first.conv({.out = kStemWidth, .kernel = 3, .stride = stem_stride(options)}).norm().act(Act::hardswish);
  Sequential blocks(root / "mb_block", first.value());
  for (const Block& b : net.blocks) {
    blocks.add([&](const Scope& s, Value x) { return modelzoo_block(s, x, b, options); });
  }
  Sequential last(root / "last_block", blocks.value());
  last.conv({.out = net.last}).norm().act(Act::hardswish);
  last.add([](const Scope&, Value x) { return global_pool(x); });
  head(root, flatten(last.conv({.out = net.features}).act(Act::hardswish).value()), options, "output");
  return graph;
}

constexpr const char* kHoward3 = "Howard et al. 2019, arXiv:1905.02244";

}  // namespace

std::vector<Value> mobilenet_v3_trunk(const Scope& root, const ModelOptions& options) {
  constexpr std::size_t kDilated = 12, kEighth = 4;  // the block of the last stride; the child that ends at stride 8
  Net net = large();
  for (std::size_t i = kDilated; i < net.blocks.size(); ++i) {
    net.blocks[i].stride = 1;
    net.blocks[i].dilation = 2;
  }
  const std::vector<Value> values = torchvision_features(root, net, options);
  return {values[kEighth], values.back()};
}

std::vector<ModelInfo> mobilenet_v3_models() {
  const Family<Net> published{"MobileNet", "torchvision", kHoward3, torchvision};
  const Family<Net> of_modelzoo{"MobileNet", "modelzoo", kHoward3, modelzoo};
  return {
      published("mobilenet_v3_large", {74.042, 91.340}, large()),
      published("mobilenet_v3_small", {67.668, 87.402}, small(1024)),
      of_modelzoo("modelzoo/mobilenet_v3_large", {75.64, 92.61}, large()),
      of_modelzoo("modelzoo/mobilenet_v3_small", {67.83, 87.78}, small(1280)),
  };
}

}  // namespace springbok::zoo
