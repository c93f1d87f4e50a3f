// RegNet X and Y (Radosavovic et al. 2020): the paper's generator (sec. 4, eq. 2 to 4) under torchvision's keys and
// under ModelZoo's. Y adds squeeze-and-excitation.
#include <array>
#include <cmath>

#include "springbok/base/error.h"
#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"

namespace springbok::zoo {
namespace {

using namespace graph;

/// How a stage's width becomes a multiple of its group width.
enum class Rounding : std::uint8_t {
  torchvision,  ///< never 10 % below
  nearest,      ///< as the paper's code and timm have it
};

/// The paper's parameters: depth, initial width, slope, quantisation, group width.
struct Generator {
  std::int64_t depth;
  double first_width, slope, ratio;
  std::int64_t group_width;
};

enum class Keys : std::uint8_t { torchvision, modelzoo };

struct Net {
  std::array<std::int64_t, 4> blocks;
  std::array<std::int64_t, 4> widths;
  std::int64_t group_width;
  bool excite = false;
  Keys keys = Keys::torchvision;
};

constexpr std::int64_t kStemWidth = 32;
constexpr double kQuantum = 8;

/// Widths u_j = w0 + wa j, quantised to w0 wm^s and then to multiples of 8; equal ones are a stage, whose width becomes
/// a multiple of its group width.
Net generate(const Generator& g, Rounding rounding) {
  Net net{.blocks = {}, .widths = {}, .group_width = g.group_width};
  std::size_t stages = 0;
  std::int64_t last = 0;
  for (std::int64_t j = 0; j < g.depth; ++j) {
    const double exponent = std::nearbyint(
        std::log((g.first_width + g.slope * static_cast<double>(j)) / g.first_width) / std::log(g.ratio));
    const double width = std::nearbyint(g.first_width * std::pow(g.ratio, exponent) / kQuantum) * kQuantum;
    if (static_cast<std::int64_t>(width) != last) {
      check(stages < 4, "a RegNet has four stages");
      last = static_cast<std::int64_t>(width);
      const std::int64_t group = std::min(g.group_width, last);
      const auto nearest = static_cast<std::int64_t>(std::nearbyint(width / static_cast<double>(group))) * group;
      net.widths[stages++] = rounding == Rounding::nearest ? nearest : round_channels(width, group);
    }
    ++net.blocks[stages - 1];
  }
  return net;
}

/// The 3x3 of a block of `width` channels.
ConvOptions grouped(std::int64_t width, std::int64_t stride, std::int64_t group_width) {
  return {.out = width, .kernel = 3, .stride = stride, .groups = width < group_width ? 1 : width / group_width};
}

/// Convolution `0`, norm `1`.
Value conv_norm(const Scope& s, Value x, const ConvOptions& conv, const NormOptions& norm = {}) {
  return Sequential(s, x).conv(conv).norm(norm).value();
}

/// torchvision's: the shortcut `proj` first, then `f.a`, `f.b`, `f.se`, `f.c`. The squeeze is a quarter of the input.
Value published_block(const Scope& s, Value x, const ConvOptions& middle, bool excite, const ModelOptions& options) {
  Value skip = x;
  if (middle.stride != 1 || x.channels() != middle.out) {
    skip = conv_norm(s / "proj", x, {.out = middle.out, .stride = middle.stride});
  }
  Value y = relu(conv_norm(s / "f" / "a", x, {.out = middle.out}));
  y = relu(conv_norm(s / "f" / "b", y, middle));
  if (excite) {
    const auto hidden = static_cast<std::int64_t>(std::nearbyint(0.25 * static_cast<double>(x.channels())));
    y = squeeze_excite(s / "f" / "se", y, hidden, "fc1", "fc2");
  }
  y = conv_norm(s / "f" / "c", y, {.out = middle.out}, last_norm(options));
  return relu(residual(s, y, skip));
}

/// ModelZoo's: one sequence `block`, then `skip_connection`. The squeeze is a quarter of the block's width.
Value modelzoo_block(const Scope& s, Value x, const ConvOptions& middle, bool excite, const ModelOptions& options) {
  Sequential block(s / "block", x);
  block.conv({.out = middle.out}).norm().act(Act::relu).conv(middle).norm().act(Act::relu);
  block.add([&](const Scope& child, Value y) {
    return excite ? squeeze_excite(child / "block", y, middle.out / 4, "1", "3") : y;
  });
  block.conv({.out = middle.out}).norm(last_norm(options));
  const bool same = middle.stride == 1 && x.channels() == middle.out;
  const ConvOptions projection{.out = middle.out, .stride = middle.stride};
  return relu(residual(s, block.value(), same ? x : conv_norm(s / "skip_connection", x, projection)));
}

Graph regnet(const Net& net, const ModelOptions& options) {
  const bool modelzoo = net.keys == Keys::modelzoo;
  Graph graph;
  const Scope root{&graph, ""};
  Value x = relu(conv_norm(root / (modelzoo ? "stem.block" : "stem"), input(graph, options.channels),
                           {.out = kStemWidth, .kernel = 3, .stride = stem_stride(options)}));
  for (std::size_t stage = 0; stage < net.blocks.size(); ++stage) {
    const std::string name = "block" + std::to_string(stage + 1);
    for (std::int64_t i = 0; i < net.blocks[stage]; ++i) {
      const ConvOptions middle = grouped(net.widths[stage], i == 0 ? 2 : 1, net.group_width);
      if (modelzoo) {
        x = modelzoo_block(root / "stage" / static_cast<std::int64_t>(stage) / i, x, middle, net.excite, options);
      } else {
        const Scope s = root / "trunk_output" / name / (name + "-" + std::to_string(i));
        x = published_block(s, x, middle, net.excite, options);
      }
    }
  }
  classifier(root, x, options, modelzoo ? "head.block.2" : "fc");
  return graph;
}

/// One size under both sets of keys.
struct Size {
  const char* name;
  const char* source;
  Published published;
  Generator generator;
  const char* modelzoo_name = "";  ///< empty where ModelZoo has none, or none that constructs
  Published modelzoo = {};
};

constexpr Size kSizes[] = {
    {"x_200mf", "paper", {68.746, 88.536, 224, "timm"}, {13, 24, 36.44, 2.49, 8}, "x_200mf"},
    {"x_400mf", "torchvision", {72.834, 90.95}, {22, 24, 24.48, 2.54, 16}, "x_400mf"},
    {"x_600mf", "paper", {73.868, 91.678, 224, "timm"}, {16, 48, 36.97, 2.24, 24}, "x_600mf"},
    {"x_800mf", "torchvision", {75.212, 92.348}, {16, 56, 35.73, 2.28, 16}, "x_800mf"},
    {"x_1_6gf", "torchvision", {77.04, 93.44}, {18, 80, 34.01, 2.25, 24}, "x_1_6gf"},
    {"x_3_2gf", "torchvision", {78.364, 93.992}, {25, 88, 26.31, 2.25, 48}, "x_3_2gf"},
    {"x_4gf", "paper", {78.492, 94.242, 224, "timm"}, {23, 96, 38.65, 2.43, 40}, "x_4_0gf", {78.40, 94.04}},
    {"x_6_4gf", "paper", {79.066, 94.458, 224, "timm"}, {17, 184, 60.83, 2.07, 56}, "x_6_4gf"},
    {"x_8gf", "torchvision", {79.344, 94.686}, {23, 80, 49.56, 2.88, 120}},
    {"x_12gf", "paper", {79.588, 94.742, 224, "timm"}, {19, 168, 73.36, 2.37, 112}, "x_12gf"},
    {"x_16gf", "torchvision", {80.058, 94.944}, {22, 216, 55.59, 2.1, 128}, "x_16gf"},
    {"x_32gf", "torchvision", {80.622, 95.248}, {23, 320, 69.86, 2.0, 168}, "x_32gf"},
    {"y_200mf", "paper", {70.278, 89.528, 224, "timm"}, {13, 24, 36.44, 2.49, 8}, "y_200mf"},
    {"y_400mf", "torchvision", {74.046, 91.716}, {16, 48, 27.89, 2.09, 8}, "y_400mf"},
    {"y_600mf", "paper", {75.27, 92.526, 224, "timm"}, {15, 48, 32.54, 2.32, 16}, "y_600mf"},
    {"y_800mf", "torchvision", {76.42, 93.136}, {14, 56, 38.84, 2.4, 16}, "y_800mf"},
    {"y_1_6gf", "torchvision", {77.95, 93.966}, {27, 48, 20.71, 2.65, 24}, "y_1_6gf"},
    {"y_3_2gf", "torchvision", {78.948, 94.576}, {21, 80, 42.63, 2.66, 24}, "y_3_2gf"},
    {"y_4gf", "paper", {79.232, 94.656, 224, "timm"}, {22, 96, 31.41, 2.24, 64}, "y_4_0gf", {79.22, 94.57}},
    {"y_6_4gf", "paper", {79.714, 94.766, 224, "timm"}, {25, 112, 33.22, 2.27, 72}, "y_6_4gf", {79.69, 94.82}},
    {"y_8gf", "torchvision", {80.032, 95.048}, {17, 192, 76.82, 2.19, 56}, "y_8_0gf"},
    {"y_12gf", "paper", {80.386, 95.128, 224, "timm"}, {19, 168, 73.36, 2.37, 112}, "y_12gf"},
    {"y_16gf", "torchvision", {80.424, 95.24}, {18, 200, 106.23, 2.48, 112}, "y_16gf"},
    {"y_32gf", "torchvision", {80.878, 95.34}, {20, 232, 115.89, 2.53, 232}, "y_32gf"},
    {"y_128gf", "torchvision", {86.068, 97.844, 224, "torchvision (SWAG)"}, {27, 456, 160.83, 2.52, 264}},
};

constexpr const char* kRadosavovic = "Radosavovic et al. 2020, arXiv:2003.13678";

Net net_of(const Size& size, Rounding rounding) {
  Net net = generate(size.generator, rounding);
  net.excite = size.name[0] == 'y';
  return net;
}

/// ModelZoo rounds as the paper does; of one size it has the last two depths the other way round.
Net modelzoo_net(const Size& size) {
  Net net = net_of(size, Rounding::nearest);
  net.keys = Keys::modelzoo;
  if (size.name == std::string("x_800mf")) std::swap(net.blocks[2], net.blocks[3]);
  return net;
}

}  // namespace

std::vector<ModelInfo> regnet_models() {
  std::vector<ModelInfo> all;
  for (const Size& size : kSizes) {
    const Rounding rounding = size.source == std::string("paper") ? Rounding::nearest : Rounding::torchvision;
    const Family<Net> family{"RegNet", size.source, kRadosavovic, regnet};
    all.push_back(family(std::string("regnet_") + size.name, size.published, net_of(size, rounding)));
  }
  const Family<Net> of_modelzoo{"RegNet", "modelzoo", kRadosavovic, regnet};
  for (const Size& size : kSizes) {
    const std::string name = size.modelzoo_name;
    if (!name.empty()) all.push_back(of_modelzoo("modelzoo/regnet_" + name, size.modelzoo, modelzoo_net(size)));
  }
  return all;
}

}  // namespace springbok::zoo
