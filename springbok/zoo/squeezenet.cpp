// SqueezeNet 1.0 (Iandola et al. 2016, table 1) and 1.1, which squeezes earlier, with torchvision's keys. The
// classifier is a convolution, whose map is averaged.

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"

namespace springbok::zoo {
namespace {

using namespace graph;

constexpr PoolOptions kPool{.kernel = 3, .stride = 2, .ceil = true};

Value conv_relu(const Scope& s, Value x, std::int64_t out, std::int64_t kernel) {
  return relu(conv(s, x, {.out = out, .kernel = kernel, .bias = true}));
}

/// 1x1 to `squeeze` channels, then 1x1 and 3x3 to `expand` each.
void fire(Sequential& features, std::int64_t squeeze, std::int64_t expand) {
  features.add([&](const Scope& s, Value x) {
    const Value low = conv_relu(s / "squeeze", x, squeeze, 1);
    const Value one = conv_relu(s / "expand1x1", low, expand, 1);
    return concat({one, conv_relu(s / "expand3x3", low, expand, 3)});
  });
}

/// Mean of the classes' maps after ReLU.
void classify(const Scope& root, Value x, const ModelOptions& options) {
  Sequential classifier(root / "classifier", x);
  classifier.dropout(options.dropout);
  classifier.conv({.out = options.classes, .bias = true, .init = Init::normal, .init_scale = 0.01}).act(Act::relu);
  output(flatten(global_pool(classifier.value())));
}

void refuse(const ModelOptions& options) {
  refuse_small_stem(options, "squeezenet");
  refuse_zero_gamma(options, "squeezenet");
}

ConvOptions first(std::int64_t out, std::int64_t kernel) {
  return {.out = out, .kernel = kernel, .stride = 2, .padding = 0, .bias = true};
}

constexpr const char* kIandola = "Iandola et al. 2016, arXiv:1602.07360";

}  // namespace

Graph squeezenet1_0(const ModelOptions& options) {
  refuse(options);
  Graph graph;
  const Scope root{&graph, ""};
  Sequential features(root / "features", input(graph, options.channels));
  features.conv(first(96, 7)).act(Act::relu).max_pool(kPool);
  fire(features, 16, 64);
  fire(features, 16, 64);
  fire(features, 32, 128);
  features.max_pool(kPool);
  fire(features, 32, 128);
  fire(features, 48, 192);
  fire(features, 48, 192);
  fire(features, 64, 256);
  features.max_pool(kPool);
  fire(features, 64, 256);
  classify(root, features.value(), options);
  return graph;
}

Graph squeezenet1_1(const ModelOptions& options) {
  refuse(options);
  Graph graph;
  const Scope root{&graph, ""};
  Sequential features(root / "features", input(graph, options.channels));
  features.conv(first(64, 3)).act(Act::relu).max_pool(kPool);
  fire(features, 16, 64);
  fire(features, 16, 64);
  features.max_pool(kPool);
  fire(features, 32, 128);
  fire(features, 32, 128);
  features.max_pool(kPool);
  fire(features, 48, 192);
  fire(features, 48, 192);
  fire(features, 64, 256);
  fire(features, 64, 256);
  classify(root, features.value(), options);
  return graph;
}

std::vector<ModelInfo> squeezenet_models() {
  return {
      {"squeezenet1_0", "SqueezeNet", "torchvision", kIandola, 224, 58.092, 80.42, "", squeezenet1_0},
      {"squeezenet1_1", "SqueezeNet", "torchvision", kIandola, 224, 58.178, 80.624, "", squeezenet1_1},
  };
}

}  // namespace springbok::zoo
