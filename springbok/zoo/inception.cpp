// Inception v3 (Szegedy et al. 2016, table 1 and figures 5 to 7) with torchvision's keys, without the auxiliary
// classifier.

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"

namespace springbok::zoo {
namespace {

using namespace graph;

Value conv_relu(const Scope& s, Value x, const ConvOptions& options) {
  return relu(norm(s / "bn", conv(s / "conv", x, options), {.eps = 1e-3}));
}

/// A convolution that keeps the size, `height` x `width`.
Value same(const Scope& s, Value x, std::int64_t out, std::int64_t height, std::int64_t width) {
  return conv_relu(s, x, {.out = out, .kernel = height, .kernel_width = width});
}

Value pointwise(const Scope& s, Value x, std::int64_t out) {
  return conv_relu(s, x, {.out = out});
}

/// A 3x3 without padding that halves the size.
Value halving(const Scope& s, Value x, std::int64_t out) {
  return conv_relu(s, x, {.out = out, .kernel = 3, .stride = 2, .padding = 0});
}

Value pool_branch(const Scope& s, Value x, std::int64_t out) {
  return pointwise(s / "branch_pool", avg_pool(x, {.kernel = 3, .stride = 1, .padding = 1}), out);
}

/// Figure 5.
Value module_a(const Scope& s, Value x, std::int64_t pool_width) {
  const Value one = pointwise(s / "branch1x1", x, 64);
  const Value five = same(s / "branch5x5_2", pointwise(s / "branch5x5_1", x, 48), 64, 5, 5);
  Value three = same(s / "branch3x3dbl_2", pointwise(s / "branch3x3dbl_1", x, 64), 96, 3, 3);
  three = same(s / "branch3x3dbl_3", three, 96, 3, 3);
  return concat({one, five, three, pool_branch(s, x, pool_width)});
}

/// The reduction to 17x17, figure 10.
Value module_b(const Scope& s, Value x) {
  const Value three = halving(s / "branch3x3", x, 384);
  const Value deep = same(s / "branch3x3dbl_2", pointwise(s / "branch3x3dbl_1", x, 64), 96, 3, 3);
  return concat({three, halving(s / "branch3x3dbl_3", deep, 96), max_pool(x, {.kernel = 3, .stride = 2})});
}

/// Figure 6: 7x7 as 1x7 and 7x1.
Value module_c(const Scope& s, Value x, std::int64_t width) {
  const Value one = pointwise(s / "branch1x1", x, 192);
  Value seven = same(s / "branch7x7_2", pointwise(s / "branch7x7_1", x, width), width, 1, 7);
  seven = same(s / "branch7x7_3", seven, 192, 7, 1);
  Value deep = same(s / "branch7x7dbl_2", pointwise(s / "branch7x7dbl_1", x, width), width, 7, 1);
  deep = same(s / "branch7x7dbl_3", deep, width, 1, 7);
  deep = same(s / "branch7x7dbl_4", deep, width, 7, 1);
  deep = same(s / "branch7x7dbl_5", deep, 192, 1, 7);
  return concat({one, seven, deep, pool_branch(s, x, 192)});
}

/// The reduction to 8x8.
Value module_d(const Scope& s, Value x) {
  const Value three = halving(s / "branch3x3_2", pointwise(s / "branch3x3_1", x, 192), 320);
  Value seven = same(s / "branch7x7x3_2", pointwise(s / "branch7x7x3_1", x, 192), 192, 1, 7);
  seven = same(s / "branch7x7x3_3", seven, 192, 7, 1);
  return concat({three, halving(s / "branch7x7x3_4", seven, 192), max_pool(x, {.kernel = 3, .stride = 2})});
}

/// 1x3 and 3x1 side by side.
Value fan(const Scope& s, const std::string& name, Value x) {
  const Value wide = same(s / (name + "a"), x, 384, 1, 3);
  return concat({wide, same(s / (name + "b"), x, 384, 3, 1)});
}

/// Figure 7.
Value module_e(const Scope& s, Value x) {
  const Value one = pointwise(s / "branch1x1", x, 320);
  const Value three = fan(s, "branch3x3_2", pointwise(s / "branch3x3_1", x, 384));
  const Value deep = same(s / "branch3x3dbl_2", pointwise(s / "branch3x3dbl_1", x, 448), 384, 3, 3);
  const Value spread = fan(s, "branch3x3dbl_3", deep);
  return concat({one, three, spread, pool_branch(s, x, 192)});
}

Value first_layers(const Scope& root, Value x) {
  x = halving(root / "Conv2d_1a_3x3", x, 32);
  x = conv_relu(root / "Conv2d_2a_3x3", x, {.out = 32, .kernel = 3, .padding = 0});
  x = max_pool(same(root / "Conv2d_2b_3x3", x, 64, 3, 3), {.kernel = 3, .stride = 2});
  x = pointwise(root / "Conv2d_3b_1x1", x, 80);
  x = conv_relu(root / "Conv2d_4a_3x3", x, {.out = 192, .kernel = 3, .padding = 0});
  return max_pool(x, {.kernel = 3, .stride = 2});
}

constexpr const char* kSzegedy3 = "Szegedy et al. 2016, arXiv:1512.00567";

}  // namespace

Graph inception_v3(const ModelOptions& options) {
  refuse_small_stem(options, "inception_v3");
  refuse_zero_gamma(options, "inception_v3");
  Graph graph;
  const Scope root{&graph, ""};
  Value x = first_layers(root, input(graph, options.channels));
  x = module_a(root / "Mixed_5b", x, 32);
  x = module_a(root / "Mixed_5c", x, 64);
  x = module_a(root / "Mixed_5d", x, 64);
  x = module_b(root / "Mixed_6a", x);
  x = module_c(root / "Mixed_6b", x, 128);
  x = module_c(root / "Mixed_6c", x, 160);
  x = module_c(root / "Mixed_6d", x, 160);
  x = module_c(root / "Mixed_6e", x, 192);
  x = module_d(root / "Mixed_7a", x);
  x = module_e(root / "Mixed_7b", x);
  x = module_e(root / "Mixed_7c", x);
  classifier(root, x, options);
  return graph;
}

std::vector<ModelInfo> inception_models() {
  return {
      {"inception_v3", "Inception v3", "torchvision", kSzegedy3, 299, 77.294, 93.45, "", inception_v3},
  };
}

}  // namespace springbok::zoo
