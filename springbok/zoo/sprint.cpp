// Nets for small images that learn in minutes on a CPU. Three stages, each a convolution of stride 2 and a residual
// block, after the ResNet-9 of Page 2018 (How to Train Your ResNet). Strides stand for its pooling, so that no
// convolution works at full resolution: the first is 5x5, others are 3x3. Widths double from stage to stage.
#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"

namespace springbok::zoo {
namespace {

using namespace graph;

constexpr std::int64_t kStages = 3;

struct Net {
  std::int64_t width = 32;  ///< of the first stage
};

/// (N,C,H,W) -> (N,width,H/2,W/2), rounded up.
Value stage(const Scope& s, Value x, std::int64_t width, std::int64_t kernel, const ModelOptions& options) {
  x = relu(conv_bn(s, "1", x, {.out = width, .kernel = kernel, .stride = 2}));
  Value y = relu(conv_bn(s, "2", x, {.out = width, .kernel = 3}));
  y = conv_bn(s, "3", y, {.out = width, .kernel = 3}, last_norm(options));
  return relu(residual(s, y, x));
}

Graph sprint(const Net& net, const ModelOptions& options) {
  refuse_small_stem(options, "sprint");
  Graph graph;
  const Scope root{&graph, ""};
  Value x = input(graph, options.channels);
  for (std::int64_t i = 0; i < kStages; ++i) {
    x = stage(root / ("layer" + std::to_string(i + 1)), x, net.width << i, i == 0 ? 5 : 3, options);
  }
  classifier(root, x, options);
  return graph;
}

}  // namespace

std::vector<ModelInfo> sprint_models() {
  const Family<Net> family{"Sprint", "springbok", "after Page 2018, How to Train Your ResNet", sprint};
  std::vector<ModelInfo> all;
  for (const std::int64_t width : {32, 48, 64}) {
    all.push_back(family("sprint" + std::to_string(width), {.input = 28}, {.width = width}));
  }
  return all;
}

}  // namespace springbok::zoo
