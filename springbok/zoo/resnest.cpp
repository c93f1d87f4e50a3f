// ResNeSt with radix 2 and one cardinal group (Zhang et al. 2020, figure 2 right). timm's form is the paper's: deep
// stem, average pooling in place of strides, pooled shortcuts. ModelZoo's has ResNet's stem, strides and shortcuts.

#include <array>

#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"

namespace springbok::zoo {
namespace {

using namespace graph;

enum class Keys : std::uint8_t { timm, modelzoo };

struct Net {
  std::array<std::int64_t, 4> blocks;
  std::int64_t stem = 32;  ///< width of the deep stem's first two convolutions; its third is twice that
  Keys keys = Keys::timm;
};

constexpr std::int64_t kRadix = 2;

/// Where the pieces of a split attention stand under the two sets of keys.
struct Names {
  const char* norm;
  const char* attention;
  bool bias;  ///< of `fc1`
};

/// Grouped 3x3 to `radix` times the channels; softmax across the splits weighs them, channel by channel, by the pooled
/// sum (sec. 3.1).
Value split_attention(const Scope& s, Value x, std::int64_t stride, const Names& names) {
  const std::int64_t width = x.channels();
  const Scope attention = names.attention[0] == '\0' ? s : s / names.attention;
  Value y = conv(s / "conv", x, {.out = width * kRadix, .kernel = 3, .stride = stride, .groups = kRadix});
  y = relu(norm(s / names.norm, y));
  const Value first = slice_channels(y, 0, width);
  const Value second = slice_channels(y, width, width);
  const std::int64_t hidden = std::max<std::int64_t>(width * kRadix / 4, 32);
  Value a = conv(attention / "fc1", global_pool(add(first, second)), {.out = hidden, .bias = names.bias});
  a = relu(norm(attention / "bn1", a));
  a = radix_softmax(conv(attention / "fc2", a, {.out = width * kRadix, .bias = true}), kRadix);
  return add(gate(first, slice_channels(a, 0, width)), gate(second, slice_channels(a, width, width)));
}

/// timm's shortcut: pooled, then projected.
Value pooled_shortcut(const Scope& block, Value x, std::int64_t out, std::int64_t stride) {
  if (stride == 1 && x.channels() == out) return x;
  if (stride != 1) x = avg_pool(x, {.kernel = stride, .stride = stride, .ceil = true, .count_include_pad = false});
  const Scope s = block / "downsample";
  return norm(s / 2, conv(s / 1, x, {.out = out}));
}

Value timm_block(const Scope& s, Value x, std::int64_t planes, std::int64_t stride, const ModelOptions& options) {
  Value y = relu(conv_bn(s, "1", x, {.out = planes}));
  y = split_attention(s / "conv2", y, 1, {.norm = "bn0", .attention = "", .bias = true});
  if (stride != 1) y = avg_pool(y, {.kernel = 3, .stride = stride, .padding = 1});
  y = conv_bn(s, "3", y, {.out = 4 * planes}, last_norm(options));
  return relu(residual(s, y, pooled_shortcut(s, x, 4 * planes, stride)));
}

Value modelzoo_block(const Scope& s, Value x, std::int64_t planes, std::int64_t stride, const ModelOptions& options) {
  Value y = relu(conv_bn(s, "1", x, {.out = planes}));
  y = split_attention(s / "conv2", y, stride, {.norm = "bn", .attention = "spaconv", .bias = false});
  y = conv_bn(s, "3", y, {.out = 4 * planes}, last_norm(options));
  return relu(residual(s, y, shortcut(s, x, 4 * planes, stride)));
}

/// Three 3x3 convolutions and the max pooling; with the small stem at full resolution.
Value deep_stem(const Scope& root, std::int64_t width, const ModelOptions& options) {
  Sequential seq(root / "conv1", input(*root.graph, options.channels));
  seq.conv({.out = width, .kernel = 3, .stride = stem_stride(options)}).norm().act(Act::relu);
  seq.conv({.out = width, .kernel = 3}).norm().act(Act::relu).conv({.out = 2 * width, .kernel = 3});
  const Value y = relu(norm(root / "bn1", seq.value()));
  return options.stem == Stem::small ? y : max_pool(y, {.kernel = 3, .stride = 2, .padding = 1});
}

Graph resnest(const Net& net, const ModelOptions& options) {
  const bool timm = net.keys == Keys::timm;
  Graph graph;
  const Scope root{&graph, ""};
  Value x = timm ? deep_stem(root, net.stem, options) : stem(root, options, 64);
  for (std::size_t stage = 0; stage < 4; ++stage) {
    for (std::int64_t i = 0; i < net.blocks[stage]; ++i) {
      const Scope s = root / ("layer" + std::to_string(stage + 1)) / i;
      x = (timm ? timm_block : modelzoo_block)(s, x, std::int64_t{64} << stage, stage > 0 && i == 0 ? 2 : 1, options);
    }
  }
  classifier(root, x, options);
  return graph;
}

constexpr const char* kZhang = "Zhang et al. 2020, arXiv:2004.08955";

}  // namespace

std::vector<ModelInfo> resnest_models() {
  const Family<Net> timm{"ResNeSt", "timm", kZhang, resnest};
  const Family<Net> modelzoo{"ResNeSt", "modelzoo", kZhang, resnest};
  return {
      timm("resnest50d", {80.964, 95.384}, {.blocks = {3, 4, 6, 3}}),
      timm("resnest101e", {82.884, 96.322, 256}, {.blocks = {3, 4, 23, 3}, .stem = 64}),
      timm("resnest200e", {83.846, 96.884, 320}, {.blocks = {3, 24, 36, 3}, .stem = 64}),
      modelzoo("modelzoo/resnest50", {78.62, 94.28}, {.blocks = {3, 4, 6, 3}, .keys = Keys::modelzoo}),
  };
}

}  // namespace springbok::zoo
