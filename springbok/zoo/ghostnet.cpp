// GhostNet (Han et al. 2020, table 1) with timm's keys and ModelZoo's; GhostNet-600 and GhostNet-A, its larger
// relatives, as ModelZoo has them.

#include <vector>

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"
#include "springbok/zoo/variants.h"

namespace springbok::zoo {
namespace {

using namespace graph;

/// `blocks.S.i`, `stage.n`, `stage.S.i`.
enum class Keys : std::uint8_t { timm, flat, nested };

struct Block {
  std::int64_t stage, kernel, hidden, out;
  bool excite;
  std::int64_t stride;
  std::int64_t repeats = 1;
};

struct Net {
  Keys keys = Keys::timm;
  double width = 1;
  std::int64_t stem = 16;
  std::vector<Block> blocks;
  double squeeze = 0.25;  ///< squeezed share of the hidden channels
  Act act = Act::relu;
  std::int64_t head = 1280;
};

/// Half of the channels by a 1x1, the other half by a cheap depthwise 3x3 of those (eq. 3 with s = 2).
Value ghost(const Scope& s, Value x, std::int64_t out, const Act* act) {
  const auto finish = [&](Sequential& seq) { return act == nullptr ? seq.value() : activation(seq.value(), *act); };
  Sequential primary(s / "primary_conv", x);
  const Value first = finish(primary.conv({.out = (out + 1) / 2}).norm());
  Sequential cheap(s / "cheap_operation", first);
  return concat({first, finish(cheap.conv(depthwise(first, 3, 1)).norm())});
}

/// Depthwise convolution and its norm, without an activation, where the block halves the size.
Value down(const Scope& s, Value x, const Block& b, Keys keys) {
  const ConvOptions options = depthwise(x, b.kernel, b.stride);
  if (keys == Keys::timm) return norm(s / "bn_dw", conv(s / "conv_dw", x, options));
  return Sequential(s / "dw_conv", x).conv(options).norm().value();
}

Value bottleneck(const Scope& s, Value x, const Block& b, const Net& net) {
  Value y = ghost(s / "ghost1", x, b.hidden, &net.act);
  if (b.stride != 1) y = down(s, y, b, net.keys);
  if (b.excite) {
    const std::int64_t hidden = round_channels(static_cast<double>(b.hidden) * net.squeeze, 4);
    const bool timm = net.keys == Keys::timm;
    y = squeeze_excite(s / (timm ? "se" : "se.block"), y, hidden, timm ? "conv_reduce" : "1",
                       timm ? "conv_expand" : "3", {.excite = Act::hardsigmoid});
  }
  y = ghost(s / "ghost2", y, b.out, nullptr);
  if (b.stride == 1 && x.channels() == b.out) return residual(s, y, x);
  Sequential shortcut(s / "shortcut", x);
  shortcut.conv(depthwise(x, b.kernel, b.stride)).norm().conv({.out = b.out}).norm();
  return residual(s, y, shortcut.value());
}

Value stem(const Scope& root, std::int64_t width, const Net& net, const ModelOptions& options) {
  const Value x = input(*root.graph, options.channels);
  const ConvOptions first{.out = width, .kernel = 3, .stride = stem_stride(options)};
  if (net.keys == Keys::timm) return activation(norm(root / "bn1", conv(root / "conv_stem", x, first)), net.act);
  return Sequential(root / "stem" / "stem", x).conv(first).norm().act(net.act).value();
}

/// The last 1x1 to `width`, the mean, a hidden layer and the classifier. `after` is the number behind the last block.
void last_layers(const Scope& root, Value x, std::int64_t width, std::int64_t after, const Net& net,
                 const ModelOptions& options) {
  const bool timm = net.keys == Keys::timm;
  const Scope stages = root / (timm ? "blocks" : "stage");
  const Scope at_conv = timm ? stages / after / 0 / "conv" : stages / after;
  const Scope at_norm = timm ? stages / after / 0 / "bn1" : stages / (after + 1);
  x = activation(norm(at_norm, conv(at_conv, x, {.out = width})), net.act);
  x = conv(root / (timm ? "conv_head" : "head.head.1"), global_pool(x), {.out = net.head, .bias = true});
  head(root, flatten(activation(x, net.act)), options, timm ? "classifier" : "head.head.5");
}

Graph ghostnet(const Net& net, const ModelOptions& options) {
  refuse_zero_gamma(options, "ghostnet");
  const auto wide = [&](std::int64_t channels) {
    return net.width == 1 ? channels : round_channels(static_cast<double>(channels) * net.width, 4);
  };
  Graph graph;
  const Scope root{&graph, ""};
  Value x = stem(root, wide(net.stem), net, options);
  std::int64_t stage = 0;
  std::int64_t within = 0;  // the stage, or all of them where the keys are flat
  std::int64_t widest = 0;
  for (Block b : net.blocks) {
    if (b.stage != stage && net.keys != Keys::flat) within = 0;
    stage = b.stage;
    const Scope stages = root / (net.keys == Keys::timm ? "blocks" : "stage");
    b.hidden = wide(b.hidden);
    b.out = wide(b.out);
    for (std::int64_t i = 0; i < b.repeats; ++i) {
      x = bottleneck(net.keys == Keys::flat ? stages / within : stages / stage / within, x, b, net);
      ++within;
    }
    widest = b.hidden;
  }
  last_layers(root, x, widest, net.keys == Keys::flat ? within : stage + 1, net, options);
  return graph;
}

Net paper(Keys keys, double width) {
  return {.keys = keys,
          .width = width,
          .blocks = {{0, 3, 16, 16, false, 1},
                     {1, 3, 48, 24, false, 2},
                     {2, 3, 72, 24, false, 1},
                     {3, 5, 72, 40, true, 2},
                     {4, 5, 120, 40, true, 1},
                     {5, 3, 240, 80, false, 2},
                     {6, 3, 200, 80, false, 1},
                     {6, 3, 184, 80, false, 1, 2},
                     {6, 3, 480, 112, true, 1},
                     {6, 3, 672, 112, true, 1},
                     {7, 5, 672, 160, true, 2},
                     {8, 5, 960, 160, false, 1},
                     {8, 5, 960, 160, true, 1},
                     {8, 5, 960, 160, false, 1},
                     {8, 5, 960, 160, true, 1}}};
}

Net net_600() {
  return {.keys = Keys::flat,
          .width = 1.75,
          .blocks = {{0, 3, 16, 16, true, 1},
                     {1, 3, 48, 24, true, 2},
                     {2, 3, 72, 24, true, 1},
                     {3, 5, 72, 40, true, 2},
                     {4, 3, 120, 40, true, 1, 2},
                     {5, 3, 240, 80, true, 2},
                     {6, 3, 200, 80, true, 1, 3},
                     {6, 3, 480, 112, true, 1},
                     {6, 3, 672, 112, true, 1, 2},
                     {7, 5, 672, 160, true, 2},
                     {8, 3, 960, 160, true, 1, 5}},
          .squeeze = 0.1,
          .act = Act::hardswish,
          .head = 1400};
}

Net net_a() {
  return {.keys = Keys::nested,
          .stem = 28,
          .blocks = {{0, 3, 28, 28, true, 1},
                     {1, 3, 84, 44, true, 2},
                     {2, 3, 132, 44, true, 1},
                     {3, 3, 132, 72, true, 2},
                     {4, 3, 216, 72, true, 1, 2},
                     {5, 3, 432, 140, true, 2},
                     {6, 3, 350, 140, true, 1, 3},
                     {7, 3, 840, 196, true, 1},
                     {7, 3, 1176, 196, true, 1, 2},
                     {8, 3, 1176, 280, true, 2},
                     {9, 3, 1680, 280, true, 1, 5}},
          .squeeze = 0.1,
          .head = 1400};
}

constexpr const char* kHan = "Han et al. 2020, arXiv:1911.11907";

}  // namespace

std::vector<ModelInfo> ghostnet_models() {
  const Family<Net> timm{"GhostNet", "timm", kHan, ghostnet};
  const Family<Net> modelzoo{"GhostNet", "modelzoo", kHan, ghostnet};
  return {
      timm("ghostnet_050", {66.2, 86.6, 224, "paper"}, paper(Keys::timm, 0.5)),
      timm("ghostnet_100", {73.982, 91.466}, paper(Keys::timm, 1)),
      timm("ghostnet_130", {75.7, 92.7, 224, "paper"}, paper(Keys::timm, 1.3)),
      modelzoo("modelzoo/ghostnet_130", {75.78, 92.77}, paper(Keys::flat, 1.3)),
      modelzoo("ghostnet_a", {}, net_a()),
      modelzoo("ghostnet_600", {}, net_600()),
  };
}

ModelInfo ghostnet_variant(const std::string& name, double width) {
  const Family<Net> family{"GhostNet", "modelzoo", kHan, ghostnet};
  return family(name, {}, paper(Keys::flat, width));
}

ModelInfo ghostnet_600_variant(const std::string& name, double width) {
  const Family<Net> family{"GhostNet", "modelzoo", kHan, ghostnet};
  Net net = net_600();
  net.width = width;
  return family(name, {}, net);
}

}  // namespace springbok::zoo
