// Deep layer aggregation with ResNeXt blocks (Yu et al., CVPR 2018, sec. 4 and table 1), as Elastic has it (Wang et
// al., CVPR 2019). The elastic block sums a branch at half resolution, of half the width, and one at full resolution.
#include <algorithm>
#include <array>

#include "springbok/base/error.h"
#include "springbok/zoo/blocks.h"
#include "springbok/zoo/families.h"

namespace springbok::zoo {
namespace {

using namespace graph;

struct Net {
  const char* name;
  std::array<std::int64_t, 4> depths;  ///< of the trees of levels 2 to 5
  bool elastic = false;
  std::int64_t groups = 32;
  bool residual_root = false;
};

constexpr std::array<std::int64_t, 6> kWidths{16, 32, 128, 256, 512, 1024};
constexpr std::int64_t kLastLevelWidth = 1024;
constexpr std::int64_t kPoolingWindow = 7;  ///< the published classifier's

Value bottleneck(const Scope& s, Value x, Value skip, std::int64_t out, std::int64_t stride, const Net& net,
                 const ModelOptions& options) {
  const std::int64_t width = out * net.groups / 32;
  Value y = relu(conv_bn(s, "1", x, {.out = width}));
  y = relu(conv_bn(s, "2", y, {.out = width, .kernel = 3, .stride = stride, .groups = net.groups}));
  return relu(residual(s, conv_bn(s, "3", y, {.out = out}, last_norm(options)), skip));
}

/// 1x1, grouped 3x3, 1x1; the last convolution's norm comes after the branches are summed.
Value branch(const Scope& s, const std::string& suffix, Value x, std::int64_t out, std::int64_t stride,
             const Net& net) {
  const std::int64_t width = out * net.groups / 32 / 2;
  Value y = relu(conv_bn(s, "1" + suffix, x, {.out = width}));
  y = relu(conv_bn(s, "2" + suffix, y, {.out = width, .kernel = 3, .stride = stride, .groups = net.groups / 2}));
  return conv(s / ("conv3" + suffix), y, {.out = out});
}

Value elastic(const Scope& s, Value x, Value skip, std::int64_t out, std::int64_t stride, const Net& net,
              const ModelOptions& options) {
  const bool half = stride == 1 && out < kLastLevelWidth;
  Value low = branch(s, "_d", half ? avg_pool(pad_even(x), {}) : x, out, stride, net);
  const Value high = branch(s, "", x, out, stride, net);
  if (half) low = crop_like(upsample(low, 2), high);
  return relu(residual(s, norm(s / "bn3", add(high, low), last_norm(options)), skip));
}

/// Joins the two subtrees and what was handed down; with a residual root the second subtree is added again.
Value root_of(const Scope& s, const std::vector<Value>& parts, std::int64_t out, const Net& net,
              const ModelOptions& options) {
  const NormOptions last = net.residual_root ? last_norm(options) : NormOptions{};
  Value y = norm(s / "bn", conv(s / "conv", concat(parts), {.out = out}), last);
  if (net.residual_root) y = add(y, parts[0]);
  return relu(y);
}

struct Level {
  std::int64_t depth = 1;
  std::int64_t out = 0;
  std::int64_t stride = 1;
  bool hand_down_input = false;  ///< the pooled input goes to the root too
};

/// A tree of blocks (figure 3 of the paper). Only the lowest trees use their projected input; the projections above are
/// computed for nothing in the published code, which trains their running statistics and has their keys.
Value tree(const Scope& s, Value x, const Level& level, std::vector<Value> handed, const Net& net,
           const ModelOptions& options) {
  const bool lowest = level.depth == 1;
  const bool project = x.channels() != level.out;
  const auto keep = [&](Value value, bool used) { return used ? value : effect_only(value); };
  Value bottom = x;
  if (level.stride > 1) {
    bottom = max_pool(x, {.kernel = level.stride, .stride = level.stride, .ceil = true});
    keep(bottom, lowest || level.hand_down_input);
  }
  Value residual = bottom;
  if (project) {
    residual = keep(conv(s / "project" / 0, bottom, {.out = level.out}), lowest);
    residual = keep(norm(s / "project" / 1, residual), lowest);
  }
  if (level.hand_down_input) handed.push_back(bottom);
  Value y = x;
  if (lowest) {
    const auto block = net.elastic ? elastic : bottleneck;
    const Value first = block(s / "tree1", x, residual, level.out, level.stride, net, options);
    const Value second = block(s / "tree2", first, first, level.out, 1, net, options);
    handed.insert(handed.begin(), {second, first});
    y = root_of(s / "root", handed, level.out, net, options);
  } else {
    const Value first =
        tree(s / "tree1", x, {.depth = level.depth - 1, .out = level.out, .stride = level.stride}, {}, net, options);
    handed.push_back(first);
    y = tree(s / "tree2", first, {.depth = level.depth - 1, .out = level.out}, handed, net, options);
  }
  if (project) keys_last(s / "project");
  return y;
}

/// Convolution `0`, batch norm `1`, ReLU.
Value conv_norm_relu(const Scope& s, Value x, const ConvOptions& options) {
  return relu(norm(s / 1, conv(s / 0, x, options)));
}

/// The values of all six levels; level i has 1/2^i of the input's height and width, rounded up.
std::vector<Value> trunk(const Scope& root, const Net& net, const ModelOptions& options) {
  if (options.stem != Stem::standard) {
    fail_usage("{}: its stem keeps the full resolution already; leave out --stem", net.name);
  }
  Value x = input(*root.graph, options.channels);
  x = conv_norm_relu(root / "base_layer", x, {.out = kWidths[0], .kernel = 7});
  std::vector<Value> values;
  for (std::size_t i = 0; i < kWidths.size(); ++i) {
    const Scope s = root / ("level" + std::to_string(i));
    if (i < 2) {
      x = conv_norm_relu(s, x, {.out = kWidths[i], .kernel = 3, .stride = i == 0 ? 1 : 2});
    } else {
      x = tree(s, x, {.depth = net.depths[i - 2], .out = kWidths[i], .stride = 2, .hand_down_input = i > 2}, {}, net,
               options);
    }
    values.push_back(x);
  }
  return values;
}

Graph dla(const Net& net, const ModelOptions& options) {
  Graph graph;
  const Scope root{&graph, ""};
  const Value x = trunk(root, net, options).back();
  const Value pooled = counted(global_pool(whole_cells(x, kPoolingWindow)), 1);
  const Value features = dropout(root / "dropout", pooled, options.dropout);
  output(flatten(conv(root / "fc", features, {.out = options.classes, .bias = true})));
  return graph;
}

/// Brings all maps to the first one's width and size and joins them one by one (iterative deep aggregation, sec. 3.1).
/// Returns the first map and each join.
std::vector<Value> join_up(const Scope& s, const std::vector<Value>& maps) {
  const std::int64_t out = maps[0].channels();
  std::vector<Value> raised{maps[0]};
  for (std::size_t i = 1; i < maps.size(); ++i) {
    const Value y = conv_norm_relu(s / ("proj_" + std::to_string(i)), maps[i], {.out = out});
    raised.push_back(conv_transpose(s / ("up_" + std::to_string(i)), y, {.out = out, .groups = out}));
  }
  std::vector<Value> joined{maps[0]};
  for (std::size_t i = 1; i < maps.size(); ++i) {
    const Value both = concat({joined.back(), crop_like(raised[i], joined.back())});
    joined.push_back(conv_norm_relu(s / ("node_" + std::to_string(i)), both, {.out = out, .kernel = 3}));
  }
  return joined;
}

/// DLAUp over the levels from half resolution down (sec. 4.2), a linear classifier of pixels, upsampling by 2.
Graph segmentation(const Net& net, const ModelOptions& options) {
  if (options.dropout != 0) fail_usage("{}: has no dropout; leave out --dropout", net.name);
  constexpr std::int64_t kTrunkClasses = 1000;
  Graph graph;
  const Scope root{&graph, ""};
  std::vector<Value> maps = trunk(root / "base", net, options);
  unused_conv(root / "base" / "fc", kWidths.back(), {.out = kTrunkClasses, .bias = true});
  maps.erase(maps.begin());
  for (std::size_t i = 0; i + 1 < maps.size(); ++i) {
    const auto from = maps.end() - static_cast<std::ptrdiff_t>(i) - 2;
    const std::vector<Value> joined = join_up(root / "dla_up" / ("ida_" + std::to_string(i)), {from, maps.end()});
    std::copy(joined.begin() + 1, joined.end(), from + 1);
  }
  const std::int64_t classes = options.classes;
  Value y = conv(root / "fc" / 0, maps.back(), {.out = classes, .bias = true});
  y = conv_transpose(root / "up", y, {.out = classes, .groups = classes, .trainable = false});
  output(trim(log_softmax(y), 1));
  return graph;
}

}  // namespace

std::vector<ModelInfo> dla_models() {
  const Family<Net> pixels{"Elastic segmentation", "elastic", kWang, segmentation, Task::segment};
  const Family<Net> images{"Elastic DLA-X", "elastic", kWang, dla};
  return {
      pixels("dla60x_seg", {.input = 513}, {.name = "dla60x_seg", .depths = {1, 2, 3, 1}}),
      pixels("dla60x_elastic_seg", {.input = 513},
             {.name = "dla60x_elastic_seg", .depths = {1, 2, 3, 1}, .elastic = true}),
      images("dla60x", {}, {.name = "dla60x", .depths = {1, 2, 3, 1}}),
      images("dla60x_elastic", {}, {.name = "dla60x_elastic", .depths = {1, 2, 3, 1}, .elastic = true}),
      images("dla102x", {}, {.name = "dla102x", .depths = {1, 3, 4, 1}, .residual_root = true}),
      images("dla102x_elastic", {},
             {.name = "dla102x_elastic", .depths = {3, 3, 3, 1}, .elastic = true, .groups = 50, .residual_root = true}),
  };
}

}  // namespace springbok::zoo
