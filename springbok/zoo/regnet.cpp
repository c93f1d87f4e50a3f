// RegNet X and Y (Radosavovic et al. 2020): the paper's generator (sec. 4, eq. 2 to 4) under torchvision's keys, and
// the stages that ModelZoo lists under its own. Y adds squeeze-and-excitation.
#include "springbok/zoo/regnet.h"

#include <array>
#include <cmath>

#include "springbok/base/error.h"
#include "springbok/zoo/blocks.h"

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
  Rounding rounding = Rounding::torchvision;
};

struct Net {
  std::array<std::int64_t, 4> blocks;
  std::array<std::int64_t, 4> widths;
  std::int64_t group_width;
};

constexpr std::int64_t kStemWidth = 32;
constexpr double kQuantum = 8;

/// Widths u_j = w0 + wa j, quantised to w0 wm^s and then to multiples of 8; equal ones are a stage, whose width becomes
/// a multiple of its group width.
Net generate(const Generator& g) {
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
      net.widths[stages++] = g.rounding == Rounding::nearest ? nearest : round_channels(width, group);
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

Graph published(const Generator& generator, bool excite, const ModelOptions& options) {
  const Net net = generate(generator);
  Graph graph;
  const Scope root{&graph, ""};
  Value x = relu(conv_norm(root / "stem", input(graph, options.channels),
                           {.out = kStemWidth, .kernel = 3, .stride = stem_stride(options)}));
  for (std::size_t stage = 0; stage < net.blocks.size(); ++stage) {
    const std::string name = "block" + std::to_string(stage + 1);
    for (std::int64_t i = 0; i < net.blocks[stage]; ++i) {
      const Scope s = root / "trunk_output" / name / (name + "-" + std::to_string(i));
      x = published_block(s, x, grouped(net.widths[stage], i == 0 ? 2 : 1, net.group_width), excite, options);
    }
  }
  classifier(root, x, options);
  return graph;
}

Graph modelzoo(const Net& net, bool excite, const ModelOptions& options) {
  Graph graph;
  const Scope root{&graph, ""};
  Value x = relu(conv_norm(root / "stem" / "block", input(graph, options.channels),
                           {.out = kStemWidth, .kernel = 3, .stride = stem_stride(options)}));
  for (std::size_t stage = 0; stage < net.blocks.size(); ++stage) {
    for (std::int64_t i = 0; i < net.blocks[stage]; ++i) {
      const Scope s = root / "stage" / static_cast<std::int64_t>(stage) / i;
      x = modelzoo_block(s, x, grouped(net.widths[stage], i == 0 ? 2 : 1, net.group_width), excite, options);
    }
  }
  classifier(root, x, options, "head.block.2");
  return graph;
}

}  // namespace

Graph regnet_x_200mf(const ModelOptions& options) {
  return published({13, 24, 36.44, 2.49, 8, Rounding::nearest}, false, options);
}
Graph regnet_x_400mf(const ModelOptions& options) {
  return published({22, 24, 24.48, 2.54, 16}, false, options);
}
Graph regnet_x_600mf(const ModelOptions& options) {
  return published({16, 48, 36.97, 2.24, 24, Rounding::nearest}, false, options);
}
Graph regnet_x_800mf(const ModelOptions& options) {
  return published({16, 56, 35.73, 2.28, 16}, false, options);
}
Graph regnet_x_1_6gf(const ModelOptions& options) {
  return published({18, 80, 34.01, 2.25, 24}, false, options);
}
Graph regnet_x_3_2gf(const ModelOptions& options) {
  return published({25, 88, 26.31, 2.25, 48}, false, options);
}
Graph regnet_x_4gf(const ModelOptions& options) {
  return published({23, 96, 38.65, 2.43, 40, Rounding::nearest}, false, options);
}
Graph regnet_x_6_4gf(const ModelOptions& options) {
  return published({17, 184, 60.83, 2.07, 56, Rounding::nearest}, false, options);
}
Graph regnet_x_8gf(const ModelOptions& options) {
  return published({23, 80, 49.56, 2.88, 120}, false, options);
}
Graph regnet_x_12gf(const ModelOptions& options) {
  return published({19, 168, 73.36, 2.37, 112, Rounding::nearest}, false, options);
}
Graph regnet_x_16gf(const ModelOptions& options) {
  return published({22, 216, 55.59, 2.1, 128}, false, options);
}
Graph regnet_x_32gf(const ModelOptions& options) {
  return published({23, 320, 69.86, 2.0, 168}, false, options);
}
Graph regnet_y_200mf(const ModelOptions& options) {
  return published({13, 24, 36.44, 2.49, 8, Rounding::nearest}, true, options);
}
Graph regnet_y_400mf(const ModelOptions& options) {
  return published({16, 48, 27.89, 2.09, 8}, true, options);
}
Graph regnet_y_600mf(const ModelOptions& options) {
  return published({15, 48, 32.54, 2.32, 16, Rounding::nearest}, true, options);
}
Graph regnet_y_800mf(const ModelOptions& options) {
  return published({14, 56, 38.84, 2.4, 16}, true, options);
}
Graph regnet_y_1_6gf(const ModelOptions& options) {
  return published({27, 48, 20.71, 2.65, 24}, true, options);
}
Graph regnet_y_3_2gf(const ModelOptions& options) {
  return published({21, 80, 42.63, 2.66, 24}, true, options);
}
Graph regnet_y_4gf(const ModelOptions& options) {
  return published({22, 96, 31.41, 2.24, 64, Rounding::nearest}, true, options);
}
Graph regnet_y_6_4gf(const ModelOptions& options) {
  return published({25, 112, 33.22, 2.27, 72, Rounding::nearest}, true, options);
}
Graph regnet_y_8gf(const ModelOptions& options) {
  return published({17, 192, 76.82, 2.19, 56}, true, options);
}
Graph regnet_y_12gf(const ModelOptions& options) {
  return published({19, 168, 73.36, 2.37, 112, Rounding::nearest}, true, options);
}
Graph regnet_y_16gf(const ModelOptions& options) {
  return published({18, 200, 106.23, 2.48, 112}, true, options);
}
Graph regnet_y_32gf(const ModelOptions& options) {
  return published({20, 232, 115.89, 2.53, 232}, true, options);
}
Graph regnet_y_128gf(const ModelOptions& options) {
  return published({27, 456, 160.83, 2.52, 264}, true, options);
}
Graph modelzoo_regnet_x_200mf(const ModelOptions& options) {
  return modelzoo({{1, 1, 4, 7}, {24, 56, 152, 368}, 8}, false, options);
}
Graph modelzoo_regnet_x_400mf(const ModelOptions& options) {
  return modelzoo({{1, 2, 7, 12}, {32, 64, 160, 384}, 16}, false, options);
}
Graph modelzoo_regnet_x_600mf(const ModelOptions& options) {
  return modelzoo({{1, 3, 5, 7}, {48, 96, 240, 528}, 24}, false, options);
}
Graph modelzoo_regnet_x_800mf(const ModelOptions& options) {
  return modelzoo({{1, 3, 5, 7}, {64, 128, 288, 672}, 16}, false, options);
}
Graph modelzoo_regnet_x_1_6gf(const ModelOptions& options) {
  return modelzoo({{2, 4, 10, 2}, {72, 168, 408, 912}, 24}, false, options);
}
Graph modelzoo_regnet_x_3_2gf(const ModelOptions& options) {
  return modelzoo({{2, 6, 15, 2}, {96, 192, 432, 1008}, 48}, false, options);
}
Graph modelzoo_regnet_x_4_0gf(const ModelOptions& options) {
  return modelzoo({{2, 5, 14, 2}, {80, 240, 560, 1360}, 40}, false, options);
}
Graph modelzoo_regnet_x_6_4gf(const ModelOptions& options) {
  return modelzoo({{2, 4, 10, 1}, {168, 392, 784, 1624}, 56}, false, options);
}
Graph modelzoo_regnet_x_12gf(const ModelOptions& options) {
  return modelzoo({{2, 5, 11, 1}, {224, 448, 896, 2240}, 112}, false, options);
}
Graph modelzoo_regnet_x_16gf(const ModelOptions& options) {
  return modelzoo({{2, 6, 13, 1}, {256, 512, 896, 2048}, 128}, false, options);
}
Graph modelzoo_regnet_x_32gf(const ModelOptions& options) {
  return modelzoo({{2, 7, 13, 1}, {336, 672, 1344, 2520}, 168}, false, options);
}
Graph modelzoo_regnet_y_200mf(const ModelOptions& options) {
  return modelzoo({{1, 1, 4, 7}, {24, 56, 152, 368}, 8}, true, options);
}
Graph modelzoo_regnet_y_400mf(const ModelOptions& options) {
  return modelzoo({{1, 3, 6, 6}, {48, 104, 208, 440}, 8}, true, options);
}
Graph modelzoo_regnet_y_600mf(const ModelOptions& options) {
  return modelzoo({{1, 3, 7, 4}, {48, 112, 256, 608}, 16}, true, options);
}
Graph modelzoo_regnet_y_800mf(const ModelOptions& options) {
  return modelzoo({{1, 3, 8, 2}, {64, 128, 320, 768}, 16}, true, options);
}
Graph modelzoo_regnet_y_1_6gf(const ModelOptions& options) {
  return modelzoo({{2, 6, 17, 2}, {48, 120, 336, 888}, 24}, true, options);
}
Graph modelzoo_regnet_y_3_2gf(const ModelOptions& options) {
  return modelzoo({{2, 5, 13, 1}, {72, 216, 576, 1512}, 24}, true, options);
}
Graph modelzoo_regnet_y_4_0gf(const ModelOptions& options) {
  return modelzoo({{2, 6, 12, 2}, {128, 192, 512, 1088}, 64}, true, options);
}
Graph modelzoo_regnet_y_6_4gf(const ModelOptions& options) {
  return modelzoo({{2, 7, 14, 2}, {144, 288, 576, 1296}, 72}, true, options);
}
Graph modelzoo_regnet_y_8_0gf(const ModelOptions& options) {
  return modelzoo({{2, 4, 10, 1}, {168, 448, 896, 2016}, 56}, true, options);
}
Graph modelzoo_regnet_y_12gf(const ModelOptions& options) {
  return modelzoo({{2, 5, 11, 1}, {224, 448, 896, 2240}, 112}, true, options);
}
Graph modelzoo_regnet_y_16gf(const ModelOptions& options) {
  return modelzoo({{2, 4, 11, 1}, {224, 448, 1232, 3024}, 112}, true, options);
}
Graph modelzoo_regnet_y_32gf(const ModelOptions& options) {
  return modelzoo({{2, 5, 12, 1}, {232, 696, 1392, 3712}, 232}, true, options);
}

}  // namespace springbok::zoo
