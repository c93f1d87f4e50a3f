// DeepLabv3 (Chen et al. 2017, arXiv:1706.05587, sec. 3.3) as torchvision publishes it, with its keys. It is a dilated
// trunk `backbone`, spatial pyramid pooling with rates 12, 24 and 36, a 3x3 convolution, bilinear upsampling. Its
// second classifier, for training, is that of FCN (Long et al. 2015) on the last stage but one.
#include <array>

#include "springbok/zoo/families.h"
#include "springbok/zoo/trunks.h"

namespace springbok::zoo {
namespace {

using namespace graph;

struct Net {
  std::vector<Value> (*trunk)(const Scope&, const ModelOptions&);  ///< maps, the last two of which are classified
};

constexpr std::int64_t kWidth = 256;
constexpr Init kInit = Init::uniform_fan_in;

/// Convolution without bias, norm, ReLU: children 0 to 2.
Value conv_relu(const Scope& s, Value x, ConvOptions options) {
  options.init = kInit;
  return Sequential(s, x).conv(options).norm().act(Act::relu).value();
}

/// Atrous spatial pyramid pooling: four views of the features and their mean, joined and brought to one width.
Value pyramid(const Scope& s, Value x, double dropped) {
  constexpr std::array<std::int64_t, 3> kRates{12, 24, 36};
  std::vector<Value> views{conv_relu(s / "convs" / 0, x, {.out = kWidth})};
  for (std::size_t i = 0; i < kRates.size(); ++i) {
    const Scope child = s / "convs" / static_cast<std::int64_t>(i + 1);
    views.push_back(conv_relu(child, x, {.out = kWidth, .kernel = 3, .dilation = kRates[i]}));
  }
  Sequential mean(s / "convs" / 4, x);
  mean.add([](const Scope&, Value y) { return global_pool(y); }).conv({.out = kWidth, .init = kInit});
  views.push_back(upsample_like(mean.norm().act(Act::relu).value(), x, false));
  const Value y = conv_relu(s / "project", concat(views), {.out = kWidth});
  return dropout(s / "project" / 3, y, dropped);
}

/// The second classifier drops a fifth of what the first one does, as published: 0.1 and 0.5.
void auxiliary_head(const Scope& s, Value x, Value image, const ModelOptions& options) {
  Sequential head(s, x);
  head.conv({.out = x.channels() / 4, .kernel = 3, .init = kInit}).norm().act(Act::relu).dropout(options.dropout / 5);
  const Value y = head.conv({.out = options.classes, .bias = true, .init = kInit}).value();
  auxiliary(upsample_like(y, image, false));
}

Graph deeplab(const Net& net, const ModelOptions& options) {
  Graph graph;
  const Scope root{&graph, ""};
  const std::vector<Value> maps = net.trunk(root / "backbone", options);
  const Value image{&graph, 0};
  Sequential head(root / "classifier", maps.back());
  head.add([&](const Scope& s, Value x) { return pyramid(s, x, options.dropout); });
  head.conv({.out = kWidth, .kernel = 3, .init = kInit}).norm().act(Act::relu);
  const Value y = head.conv({.out = options.classes, .bias = true, .init = kInit}).value();
  output(upsample_like(y, image, false));
  if (options.aux_head) auxiliary_head(root / "aux_classifier", maps[maps.size() - 2], image, options);
  return graph;
}

std::vector<Value> resnet50_trunk(const Scope& root, const ModelOptions& options) {
  return resnet_trunk(root, {.blocks = {3, 4, 6, 3}}, true, options);
}

std::vector<Value> resnet101_trunk(const Scope& root, const ModelOptions& options) {
  return resnet_trunk(root, {.blocks = {3, 4, 23, 3}}, true, options);
}

}  // namespace

std::vector<ModelInfo> deeplab_models() {
  const Family<Net> published{"DeepLabv3", "torchvision", "Chen et al. 2017, arXiv:1706.05587", deeplab, Task::segment};
  return {
      published("deeplabv3_resnet50", {.input = 520}, {resnet50_trunk}),
      published("deeplabv3_resnet101", {.input = 520}, {resnet101_trunk}),
      published("deeplabv3_mobilenet_v3_large", {.input = 520}, {mobilenet_v3_trunk}),
  };
}

}  // namespace springbok::zoo
