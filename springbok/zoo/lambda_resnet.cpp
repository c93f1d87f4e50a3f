// LambdaResNets (Bello 2021, sec. 4): the bottlenecks of ResNet with a lambda layer for each 3x3 convolution.
// ModelZoo's keys and form: 4 heads, depth 16, a reach of 15 pixels, average pooling for stride.
// `modelzoo/lambda_resnet18` has bottlenecks, as its source does.
#include <array>

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"

namespace springbok::zoo {
namespace {

using namespace graph;

constexpr std::int64_t kHeads = 4;
constexpr std::int64_t kDepth = 16;
constexpr std::int64_t kReach = 15;

/// Keys in the source's order: the three projections, their norms, the positions.
Value lambda_layer(const Scope& s, Value x) {
  const Value query = conv(s / "to_q", x, {.out = kDepth * kHeads});
  const Value key = conv(s / "to_k", x, {.out = kDepth});
  const Value value = conv(s / "to_v", x, {.out = x.channels() / kHeads});
  const Value normed_query = norm(s / "norm_q", query);
  return lambda(s, normed_query, key, norm(s / "norm_v", value), {.heads = kHeads, .reach = kReach});
}

Value bottleneck(const Scope& s, Value x, std::int64_t planes, std::int64_t stride, const ModelOptions& options) {
  Value y = lambda_layer(s / "conv2", relu(conv_bn(s, "1", x, {.out = planes})));
  if (stride != 1) y = avg_pool(y, {.kernel = 3, .stride = 2, .padding = 1});
  y = conv_bn(s, "3", y, {.out = 4 * planes}, last_norm(options));
  return relu(residual(s, y, shortcut(s, x, 4 * planes, stride)));
}

using Blocks = std::array<std::int64_t, 4>;  ///< of each stage

Graph lambda_resnet(const Blocks& blocks, const ModelOptions& options) {
  Graph graph;
  const Scope root{&graph, ""};
  Value x = stem(root, options, 64);
  for (std::size_t stage = 0; stage < 4; ++stage) {
    for (std::int64_t i = 0; i < blocks[stage]; ++i) {
      const Scope s = root / ("layer" + std::to_string(stage + 1)) / i;
      x = bottleneck(s, x, std::int64_t{64} << stage, stage > 0 && i == 0 ? 2 : 1, options);
    }
  }
  classifier(root, x, options);
  return graph;
}

constexpr const char* kBello = "Bello 2021, arXiv:2102.08602";

}  // namespace

std::vector<ModelInfo> lambda_resnet_models() {
  const Family<Blocks> modelzoo{"LambdaResNet", "modelzoo", kBello, lambda_resnet};
  return {
      modelzoo("lambda_resnet50", {}, {3, 4, 6, 3}),
      modelzoo("lambda_resnet101", {}, {3, 4, 23, 3}),
      modelzoo("lambda_resnet152", {}, {3, 8, 36, 3}),
      modelzoo("modelzoo/lambda_resnet18", {}, {2, 2, 2, 2}),
  };
}

}  // namespace springbok::zoo
