// GoogLeNet (Szegedy et al. 2015, table 1) with batch norm and torchvision's keys: 3x3 where the paper has 5x5, and no
// auxiliary classifiers.
#include <array>

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"

namespace springbok::zoo {
namespace {

using namespace graph;

/// Widths: the 1x1; the 3x3 and the second 3x3, each behind its reduction; the projection behind the pool.
struct Module {
  const char* name;
  std::int64_t one, reduce3, three, reduce5, five, projection;
};

constexpr std::array<Module, 9> kModules{{{"3a", 64, 96, 128, 16, 32, 32},
                                          {"3b", 128, 128, 192, 32, 96, 64},
                                          {"4a", 192, 96, 208, 16, 48, 64},
                                          {"4b", 160, 112, 224, 24, 64, 64},
                                          {"4c", 128, 128, 256, 24, 64, 64},
                                          {"4d", 112, 144, 288, 32, 64, 64},
                                          {"4e", 256, 160, 320, 32, 128, 128},
                                          {"5a", 256, 160, 320, 32, 128, 128},
                                          {"5b", 384, 192, 384, 48, 128, 128}}};

Value conv_relu(const Scope& s, Value x, const ConvOptions& options) {
  return relu(norm(s / "bn", conv(s / "conv", x, options), {.eps = 1e-3}));
}

Value module(const Scope& s, Value x, const Module& m) {
  const Value one = conv_relu(s / "branch1", x, {.out = m.one});
  Value three = conv_relu(s / "branch2" / 0, x, {.out = m.reduce3});
  three = conv_relu(s / "branch2" / 1, three, {.out = m.three, .kernel = 3});
  Value five = conv_relu(s / "branch3" / 0, x, {.out = m.reduce5});
  five = conv_relu(s / "branch3" / 1, five, {.out = m.five, .kernel = 3});
  const Value pooled = max_pool(x, {.kernel = 3, .stride = 1, .padding = 1, .ceil = true});
  return concat({one, three, five, conv_relu(s / "branch4" / 1, pooled, {.out = m.projection})});
}

Value pool(Value x, std::int64_t kernel) {
  return max_pool(x, {.kernel = kernel, .stride = 2, .ceil = true});
}

constexpr const char* kSzegedy1 = "Szegedy et al. 2015, arXiv:1409.4842";

}  // namespace

Graph googlenet(const ModelOptions& options) {
  refuse_small_stem(options, "googlenet");
  refuse_zero_gamma(options, "googlenet");
  Graph graph;
  const Scope root{&graph, ""};
  Value x = pool(conv_relu(root / "conv1", input(graph, options.channels), {.out = 64, .kernel = 7, .stride = 2}), 3);
  x = conv_relu(root / "conv2", x, {.out = 64});
  x = pool(conv_relu(root / "conv3", x, {.out = 192, .kernel = 3}), 3);
  for (const Module& m : kModules) {
    const std::string name = m.name;
    if (name == "4a") x = pool(x, 3);
    if (name == "5a") x = pool(x, 2);
    x = module(root / ("inception" + name), x, m);
  }
  classifier(root, x, options);
  return graph;
}

std::vector<ModelInfo> googlenet_models() {
  return {
      {"googlenet", "GoogLeNet", "torchvision", kSzegedy1, 224, 69.778, 89.53, "", googlenet},
  };
}

}  // namespace springbok::zoo
