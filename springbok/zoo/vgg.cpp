// AlexNet (Krizhevsky 2014, arXiv:1404.5997: one tower) and VGG (Simonyan and Zisserman 2015, table 1, with batch norm
// or without), as torchvision has them. The last maps are pooled to a fixed size, so that any input fits.
#include <array>

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"

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

struct Net {
  std::array<std::int64_t, 5> blocks;  ///< 3x3 convolutions before each halving
  bool with_norm = false;
};

Graph vgg(const Net& net, const ModelOptions& options) {
  refuse(options, "vgg");
  Graph graph;
  const Scope root{&graph, ""};
  Sequential features(root / "features", input(graph, options.channels));
  for (std::size_t stage = 0; stage < net.blocks.size(); ++stage) {
    for (std::int64_t i = 0; i < net.blocks[stage]; ++i) {
      features.conv({.out = std::min<std::int64_t>(512, std::int64_t{64} << stage), .kernel = 3, .bias = true});
      if (net.with_norm) features.norm();
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

constexpr const char* kKrizhevsky = "Krizhevsky 2014, arXiv:1404.5997";
constexpr const char* kSimonyan = "Simonyan and Zisserman 2015, arXiv:1409.1556";

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

std::vector<ModelInfo> vgg_models() {
  const Family<Net> torchvision{"VGG", "torchvision", kSimonyan, vgg};
  return {
      {"alexnet", "AlexNet", "torchvision", kKrizhevsky, 224, 56.522, 79.066, "", alexnet},
      torchvision("vgg11", {69.02, 88.628}, {{1, 1, 2, 2, 2}}),
      torchvision("vgg11_bn", {70.37, 89.81}, {{1, 1, 2, 2, 2}, true}),
      torchvision("vgg13", {69.928, 89.246}, {{2, 2, 2, 2, 2}}),
      torchvision("vgg13_bn", {71.586, 90.374}, {{2, 2, 2, 2, 2}, true}),
      torchvision("vgg16", {71.592, 90.382}, {{2, 2, 3, 3, 3}}),
      torchvision("vgg16_bn", {73.36, 91.516}, {{2, 2, 3, 3, 3}, true}),
      torchvision("vgg19", {72.376, 90.876}, {{2, 2, 4, 4, 4}}),
      torchvision("vgg19_bn", {74.218, 91.842}, {{2, 2, 4, 4, 4}, true}),
  };
}

}  // namespace springbok::zoo
