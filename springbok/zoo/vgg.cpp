// AlexNet (Krizhevsky 2014, arXiv:1404.5997: one tower) and VGG (Simonyan and Zisserman 2015, table 1, with batch norm
// or without), as torchvision has them: the last maps are pooled to a fixed size, so that any input fits.
#include "springbok/zoo/vgg.h"

#include <array>

#include "springbok/zoo/blocks.h"

namespace springbok::zoo {
namespace {

using namespace graph;

constexpr std::int64_t kHidden = 4096;

void refuse(const ModelOptions& options, const std::string& family) {
  refuse_small_stem(options, family);
  refuse_zero_gamma(options, family);
}

LinearOptions normal(std::int64_t out) {
  return {.out = out, .init = Init::normal, .init_scale = 0.01};
}

/// 3x3 convolutions, `blocks[i]` of them before the i-th halving.
Graph vgg(const std::array<std::int64_t, 5>& blocks, bool with_norm, const ModelOptions& options) {
  refuse(options, "vgg");
  Graph graph;
  const Scope root{&graph, ""};
  Sequential features(root / "features", input(graph, options.channels));
  for (std::size_t stage = 0; stage < blocks.size(); ++stage) {
    for (std::int64_t i = 0; i < blocks[stage]; ++i) {
      features.conv({.out = std::min<std::int64_t>(512, std::int64_t{64} << stage), .kernel = 3, .bias = true});
      if (with_norm) features.norm();
      features.act(Act::relu);
    }
    features.max_pool({.kernel = 2, .stride = 2});
  }
  Sequential classifier(root / "classifier", flatten(adaptive_pool(features.value(), 7)));
  classifier.linear(normal(kHidden)).act(Act::relu).dropout(options.dropout);
  classifier.linear(normal(kHidden)).act(Act::relu).dropout(options.dropout);
  output(classifier.linear(normal(options.classes)).value());
  return graph;
}

}  // namespace

Graph alexnet(const ModelOptions& options) {
  refuse(options, "alexnet");
  Graph graph;
  const Scope root{&graph, ""};
  const auto conv = [](std::int64_t out, std::int64_t kernel) {
    return ConvOptions{.out = out, .kernel = kernel, .bias = true, .init = Init::uniform_fan_in};
  };
  const PoolOptions pool{.kernel = 3, .stride = 2};
  Sequential features(root / "features", input(graph, options.channels));
  ConvOptions first = conv(64, 11);
  first.stride = 4;
  first.padding = 2;
  features.conv(first).act(Act::relu).max_pool(pool);
  features.conv(conv(192, 5)).act(Act::relu).max_pool(pool);
  features.conv(conv(384, 3)).act(Act::relu);
  features.conv(conv(256, 3)).act(Act::relu);
  features.conv(conv(256, 3)).act(Act::relu).max_pool(pool);
  Sequential classifier(root / "classifier", flatten(adaptive_pool(features.value(), 6)));
  classifier.dropout(options.dropout).linear({.out = kHidden}).act(Act::relu);
  classifier.dropout(options.dropout).linear({.out = kHidden}).act(Act::relu);
  output(classifier.linear({.out = options.classes}).value());
  return graph;
}

Graph vgg11(const ModelOptions& options) {
  return vgg({{1, 1, 2, 2, 2}}, false, options);
}
Graph vgg11_bn(const ModelOptions& options) {
  return vgg({{1, 1, 2, 2, 2}}, true, options);
}
Graph vgg13(const ModelOptions& options) {
  return vgg({{2, 2, 2, 2, 2}}, false, options);
}
Graph vgg13_bn(const ModelOptions& options) {
  return vgg({{2, 2, 2, 2, 2}}, true, options);
}
Graph vgg16(const ModelOptions& options) {
  return vgg({{2, 2, 3, 3, 3}}, false, options);
}
Graph vgg16_bn(const ModelOptions& options) {
  return vgg({{2, 2, 3, 3, 3}}, true, options);
}
Graph vgg19(const ModelOptions& options) {
  return vgg({{2, 2, 4, 4, 4}}, false, options);
}
Graph vgg19_bn(const ModelOptions& options) {
  return vgg({{2, 2, 4, 4, 4}}, true, options);
}

}  // namespace springbok::zoo
