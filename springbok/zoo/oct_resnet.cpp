// ResNet and ResNeXt of octave convolutions (Chen et al. 2019, eq. 2 and figure 2). A share alpha of the channels lives
// at half resolution, from the first block to the last stage, which has none. Keys of ModelZoo. The `modelzoo` forms
// have, as their source does, two blocks a stage, a strided last stage, and a norm whose eps is alpha.

#include <array>
#include <optional>

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"
#include "springbok/zoo/variants.h"

namespace springbok::zoo {
namespace {

using namespace graph;

using Blocks = std::array<std::int64_t, 4>;  ///< of each stage

struct Net {
  double alpha = 0.125;
  Blocks blocks{2, 2, 2, 2};
  std::int64_t groups = 1;
  std::int64_t base_width = 64;  ///< of the 3x3 in the first stage, per group
  bool pre_activated = false;
  bool modelzoo = false;
};

/// A value at two resolutions; `low` is at half of `high`'s.
struct Octaves {
  Value high;
  std::optional<Value> low;
};

struct OctConvOptions {
  std::int64_t out = 0;
  double alpha = 0;  ///< share of `out` at half resolution
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t groups = 1;
};

std::int64_t low_share(std::int64_t channels, double alpha) {
  return static_cast<std::int64_t>(static_cast<double>(channels) * alpha);
}

/// Mean of 2x2; an odd row or column is repeated first, so that `doubled` restores any size.
Value halved(Value x) {
  return avg_pool(pad_even(x), {});
}
Value doubled(Value x, Value like) {
  return crop_like(upsample_nearest(x, 2), like);
}

/// The four convolutions, high to high, low to low, high to low, low to high; the stride is a pooling before them.
Octaves oct_conv(const Scope& s, const Octaves& x, const OctConvOptions& o) {
  const std::int64_t low = low_share(o.out, o.alpha);
  const Value high = o.stride == 2 ? halved(x.high) : x.high;
  const auto one = [&](const char* name, Value from, std::int64_t out) {
    return conv(s / name, from, {.out = out, .kernel = o.kernel, .groups = std::min(from.channels(), o.groups)});
  };
  Octaves y{.high = one("W_HH", high, o.out - low), .low = {}};
  if (low > 0 && x.low) y.low = one("W_LL", o.stride == 2 ? halved(*x.low) : *x.low, low);
  if (low > 0) {
    const Value down = one("W_HL", halved(high), low);
    y.low = y.low ? add(*y.low, down) : down;
  }
  if (x.low) {
    const Value up = one("W_LH", *x.low, o.out - low);
    y.high = add(y.high, o.stride == 2 ? up : doubled(up, y.high));
  }
  return y;
}

Octaves norms(const Scope& s, const Octaves& x, const NormOptions& options = {}) {
  Octaves y{.high = norm(s / "h_bn", x.high, options), .low = {}};
  if (x.low) y.low = norm(s / "l_bn", *x.low, options);
  return y;
}

Octaves relus(const Octaves& x) {
  return {.high = relu(x.high), .low = x.low ? std::optional(relu(*x.low)) : std::nullopt};
}

/// The sum that ends block `s`.
Octaves residuals(const Scope& s, const Octaves& a, const Octaves& b) {
  return {.high = residual(s, a.high, b.high),
          .low = a.low ? std::optional(residual(s, *a.low, *b.low)) : std::nullopt};
}

/// What a block is made of, at its place in the net.
struct Block {
  std::int64_t width, out, stride;
  double alpha;  ///< share of low channels that it gives
  bool projects;
};

Octaves octave_block(const Scope& s, const Octaves& x, const Block& b, const Net& net, const ModelOptions& options) {
  const OctConvOptions shortcut{.out = b.out, .alpha = b.alpha, .stride = b.stride};
  const auto project = [&] {
    return b.projects ? norms(s / "downsample" / 1, oct_conv(s / "downsample" / 0, x, shortcut)) : x;
  };
  Octaves skip = net.modelzoo ? x : project();  // the key order of the two sources
  Octaves y = oct_conv(s / "conv1", x, {.out = b.width, .alpha = b.alpha});
  y = relus(norms(s / "bn1", y));
  y = oct_conv(s / "conv2", y,
               {.out = b.width, .alpha = b.alpha, .kernel = 3, .stride = b.stride, .groups = net.groups});
  y = relus(norms(s / "bn2", y));
  y = norms(s / "bn3", oct_conv(s / "conv3", y, {.out = b.out, .alpha = b.alpha}), last_norm(options));
  if (net.modelzoo) skip = project();
  return relus(residuals(s, y, skip));
}

Octaves pre_activated_block(const Scope& s, const Octaves& x, const Block& b, const Net& net) {
  const Octaves first = relus(norms(s / "bn1", x));
  const Octaves skip =
      b.projects ? oct_conv(s / "downsample" / 0, first, {.out = b.out, .alpha = b.alpha, .stride = b.stride}) : x;
  if (b.projects) keys_last(s / "bn1");  // the source declares its projection first
  Octaves y = oct_conv(s / "conv1", first, {.out = b.width, .alpha = b.alpha});
  y = oct_conv(s / "conv2", relus(norms(s / "bn2", y)),
               {.out = b.width, .alpha = b.alpha, .kernel = 3, .stride = b.stride, .groups = net.groups});
  y = oct_conv(s / "conv3", relus(norms(s / "bn3", y)), {.out = b.out, .alpha = b.alpha});
  return residuals(s, y, skip);
}

/// ModelZoo's last stage: an octave convolution into a plain bottleneck whose 3x3 has the stride.
Octaves last_stage_block(const Scope& s, const Octaves& x, const Block& b, const Net& net,
                         const ModelOptions& options) {
  const auto into = [&](const Scope& at, std::int64_t out, std::int64_t stride) {
    return x.low ? oct_conv(at, x, {.out = out, .stride = stride}).high : conv(at, x.high, {.out = out});
  };
  NormOptions last = last_norm(options);
  if (x.low) last.eps = net.alpha;
  Value y = relu(norm(s / "bn1", into(s / "conv1", b.width, 1)));
  y = relu(conv_bn(s, "2", y, {.out = b.width, .kernel = 3, .stride = b.stride, .groups = net.groups}));
  y = conv_bn(s, "3", y, {.out = b.out}, last);
  const Scope down = s / "downsample";
  const Value skip = b.projects ? norm(down / 1, into(down / 0, b.out, b.stride)) : x.high;
  return {.high = relu(residual(s, y, skip)), .low = {}};
}

Graph oct_resnet(const Net& net, const ModelOptions& options) {
  if (net.pre_activated) refuse_zero_gamma(options, "oct_resnet50v2");
  Graph graph;
  const Scope root{&graph, ""};
  Octaves x{.high = stem(root, options, 64), .low = {}};
  for (std::size_t stage = 0; stage < 4; ++stage) {
    const std::int64_t planes = std::int64_t{64} << stage;
    for (std::int64_t i = 0; i < net.blocks[stage]; ++i) {
      const Block b{.width = planes * net.base_width / 64 * net.groups,
                    .out = 4 * planes,
                    .stride = stage > 0 && i == 0 ? 2 : 1,
                    .alpha = stage < 3 ? net.alpha : 0,
                    .projects = i == 0};
      const Scope s = root / ("layer" + std::to_string(stage + 1)) / i;
      if (net.pre_activated) {
        x = pre_activated_block(s, x, b, net);
      } else {
        x = net.modelzoo && stage == 3 ? last_stage_block(s, x, b, net, options) : octave_block(s, x, b, net, options);
      }
    }
  }
  classifier(root, x.high, options, net.modelzoo ? "fc.1" : "fc");
  return graph;
}

constexpr Blocks k50{3, 4, 6, 3};
constexpr Blocks k101{3, 4, 23, 3};
constexpr Blocks k152{3, 8, 36, 3};
constexpr const char* kChen = "Chen et al. 2019, arXiv:1904.05049";

}  // namespace

std::vector<ModelInfo> oct_resnet_models() {
  const Family<Net> octave{"OctConv ResNet", "modelzoo", kChen, oct_resnet};
  return {
      octave("oct_resnet50_alpha0_125", {}, {.alpha = 0.125, .blocks = k50}),
      octave("oct_resnet50_alpha0_25", {}, {.alpha = 0.25, .blocks = k50}),
      octave("oct_resnet50_alpha0_5", {77.640, 93.662, 224, "d-li14/octconv.pytorch"}, {.alpha = 0.5, .blocks = k50}),
      octave("oct_resnet101_alpha0_125", {}, {.alpha = 0.125, .blocks = k101}),
      octave("oct_resnet101_alpha0_25", {}, {.alpha = 0.25, .blocks = k101}),
      octave("oct_resnet101_alpha0_5", {}, {.alpha = 0.5, .blocks = k101}),
      octave("oct_resnet152_alpha0_125", {}, {.alpha = 0.125, .blocks = k152}),
      octave("oct_resnet152_alpha0_25", {}, {.alpha = 0.25, .blocks = k152}),
      octave("oct_resnet152_alpha0_5", {}, {.alpha = 0.5, .blocks = k152}),
      octave("oct_resnet50v2_alpha0_125", {}, {.alpha = 0.125, .blocks = k50, .pre_activated = true}),
      octave("oct_resnet50v2_alpha0_25", {}, {.alpha = 0.25, .blocks = k50, .pre_activated = true}),
      octave("oct_resnet50v2_alpha0_5", {}, {.alpha = 0.5, .blocks = k50, .pre_activated = true}),
      octave("oct_resnet50_32x4d_alpha0_25", {}, {.alpha = 0.25, .blocks = k50, .groups = 32, .base_width = 4}),
      octave("oct_resnet50_32x4d_alpha0_5", {}, {.alpha = 0.5, .blocks = k50, .groups = 32, .base_width = 4}),
      octave("oct_resnet101_32x8d_alpha0_125", {}, {.alpha = 0.125, .blocks = k101, .groups = 32, .base_width = 8}),
      octave("oct_resnet101_32x8d_alpha0_25", {}, {.alpha = 0.25, .blocks = k101, .groups = 32, .base_width = 8}),
      octave("oct_resnet101_32x8d_alpha0_5", {}, {.alpha = 0.5, .blocks = k101, .groups = 32, .base_width = 8}),
      octave("modelzoo/oct_resnet50_alpha0_125", {}, {.alpha = 0.125, .modelzoo = true}),
      octave("modelzoo/oct_resnet50_alpha0_25", {}, {.alpha = 0.25, .modelzoo = true}),
      octave("modelzoo/oct_resnet50_alpha0_5", {}, {.alpha = 0.5, .modelzoo = true}),
      octave("modelzoo/oct_resnet50_32x4d_alpha0_25", {},
             {.alpha = 0.25, .groups = 32, .base_width = 4, .modelzoo = true}),
      octave("modelzoo/oct_resnet50_32x4d_alpha0_5", {},
             {.alpha = 0.5, .groups = 32, .base_width = 4, .modelzoo = true}),
      octave("modelzoo/oct_resnet101_32x8d_alpha0_125", {},
             {.alpha = 0.125, .groups = 32, .base_width = 8, .modelzoo = true}),
      octave("modelzoo/oct_resnet101_32x8d_alpha0_25", {},
             {.alpha = 0.25, .groups = 32, .base_width = 8, .modelzoo = true}),
      octave("modelzoo/oct_resnet101_32x8d_alpha0_5", {},
             {.alpha = 0.5, .groups = 32, .base_width = 8, .modelzoo = true}),
  };
}

ModelInfo oct_resnet_variant(const std::string& name, const ResNetShape& shape, const Octave& octave) {
  const Family<Net> family{"OctConv ResNet", "modelzoo", kChen, oct_resnet};
  const Blocks two{2, 2, 2, 2};
  return family(name, {},
                {octave.alpha, octave.modelzoo ? two : shape.blocks, shape.groups, shape.base_width,
                 octave.pre_activated, octave.modelzoo});
}

}  // namespace springbok::zoo
