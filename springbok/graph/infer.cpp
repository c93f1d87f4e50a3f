// Shape inference: the size of every value for one input size, or the layer that cannot take it.
#include <algorithm>
#include <array>

#include "springbok/base/error.h"
#include "springbok/graph/graph.h"

namespace springbok::graph {
namespace {

constexpr std::int64_t window_count(std::int64_t size, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                                    std::int64_t dilation) {
  return (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
}

/// Infers one node's output from its inputs' shapes.
struct Infer {
  const Graph& graph;
  NodeId id;
  const Indexed<Shape>& shapes;

  const Shape& in(std::size_t i) const { return shapes[graph.node(id).inputs[i]]; }
  std::string where() const { return label(graph, id); }

  const Shape& image(std::size_t i) const {
    if (in(i).size() != 4) fail("{}: expects (N,C,H,W), got {}", where(), to_text(in(i)));
    return in(i);
  }

  void expect_channels(std::int64_t expected, std::int64_t got) const {
    if (expected != got) fail("{}: expects {} channels, got {}", where(), expected, got);
  }

  Shape windows(const Shape& x, std::int64_t out, const Pair& kernel, const Pair& stride, const Pair& padding,
                const Pair& dilation) const {
    Shape y{x[0], out, 0, 0};
    for (std::size_t d = 0; d < 2; ++d) {
      const std::int64_t span = dilation[d] * (kernel[d] - 1) + 1;
      if (x[2 + d] + 2 * padding[d] < span) {
        fail("{}: a {}x{} input is smaller than its {}x{} window; use a larger input", where(), x[2], x[3], kernel[0],
             kernel[1]);
      }
      y[2 + d] = window_count(x[2 + d], kernel[d], stride[d], padding[d], dilation[d]);
    }
    return y;
  }

  Shape operator()(const Input&) const {
    check(false, "only the first node is an input");  // Graph::append takes no other
    return {};
  }

  Shape operator()(const Conv2d& op) const {
    const Shape& x = image(0);
    expect_channels(op.in, x[1]);
    return windows(x, op.out, op.kernel, op.stride, op.padding, op.dilation);
  }

  Shape operator()(const ConvTranspose2d& op) const {
    const Shape& x = image(0);
    expect_channels(op.in, x[1]);
    Shape y{x[0], op.out, 0, 0};
    for (std::size_t d = 0; d < 2; ++d) {
      y[2 + d] = (x[2 + d] - 1) * op.stride[d] - 2 * op.padding[d] + op.kernel[d];
      if (y[2 + d] < 1) fail("{}: nothing is left of a {}x{} input after the padding", where(), x[2], x[3]);
    }
    return y;
  }

  Shape operator()(const Norm& op) const {
    expect_channels(op.channels, in(0)[1]);
    return in(0);
  }

  Shape operator()(const Linear& op) const {
    const Shape& x = in(0);
    if (x.size() != 2 || x[1] != op.in) {
      fail("{}: expects {} features, got {}; the input size does not fit this network", where(), op.in, to_text(x));
    }
    return {x[0], op.out};
  }

  Shape operator()(const Activation&) const { return in(0); }

  Shape operator()(const Pool2d& op) const {
    const Shape& x = image(0);
    if (!op.ceil) return windows(x, x[1], op.kernel, op.stride, op.padding, {1, 1});
    Shape y{x[0], x[1], 0, 0};
    for (std::size_t d = 0; d < 2; ++d) {
      const std::int64_t room = x[2 + d] + 2 * op.padding[d] - op.kernel[d] + op.stride[d] - 1;
      y[2 + d] = room < 0 ? 0 : room / op.stride[d] + 1;
      if ((y[2 + d] - 1) * op.stride[d] >= x[2 + d] + op.padding[d]) --y[2 + d];  // it must start inside
      if (y[2 + d] < 1) {
        fail("{}: a {}x{} input is too small for its {}x{} window; use a larger input", where(), x[2], x[3],
             op.kernel[0], op.kernel[1]);
      }
    }
    return y;
  }

  Shape operator()(const GlobalPool&) const { return {image(0)[0], image(0)[1], 1, 1}; }

  Shape operator()(const Flatten&) const {
    const Shape& x = image(0);
    return {x[0], x[1] * x[2] * x[3]};
  }

  Shape operator()(const Add&) const {
    if (in(0) != in(1)) fail("{}: cannot add {} and {}", where(), to_text(in(0)), to_text(in(1)));
    return in(0);
  }

  Shape operator()(const Gate&) const {
    const Shape& x = image(0);
    const Shape expected{x[0], x[1], 1, 1};
    if (in(1) != expected)
      fail("{}: a gate for {} is {}, got {}", where(), to_text(x), to_text(expected), to_text(in(1)));
    return x;
  }

  Shape operator()(const Concat&) const {
    Shape y = in(0);
    for (std::size_t i = 1; i < graph.node(id).inputs.size(); ++i) {
      const Shape& x = in(i);
      const bool fits = x.size() == y.size() && x[0] == y[0] && std::equal(x.begin() + 2, x.end(), y.begin() + 2);
      if (!fits) fail("{}: cannot join {} and {} along channels", where(), to_text(in(0)), to_text(x));
      y[1] += x[1];
    }
    return y;
  }

  Shape operator()(const PadEven&) const {
    const Shape& x = image(0);
    return {x[0], x[1], x[2] + x[2] % 2, x[3] + x[3] % 2};
  }

  Shape operator()(const Upsample& op) const {
    const Shape& x = image(0);
    return {x[0], x[1], x[2] * op.factor, x[3] * op.factor};
  }

  Shape operator()(const CropLike&) const {
    const Shape& x = image(0);
    const Shape& to = image(1);
    if (x[2] < to[2] || x[3] < to[3]) {
      fail("{}: cannot cut {}x{} to the larger {}x{}", where(), x[2], x[3], to[2], to[3]);
    }
    return {x[0], x[1], to[2], to[3]};
  }

  Shape operator()(const UpsampleLike&) const { return {image(0)[0], image(0)[1], image(1)[2], image(1)[3]}; }

  Shape operator()(const Halve& op) const {
    const Shape& x = image(0);
    return x[2] == op.keep ? x : Shape{x[0], x[1], (x[2] + 1) / 2, (x[3] + 1) / 2};
  }

  Shape operator()(const Restore&) const {
    const Shape& x = image(0);
    const Shape& to = image(1);
    const bool same = x[2] == to[2] && x[3] == to[3];
    if (!same && (2 * x[2] < to[2] || 2 * x[3] < to[3])) {
      fail("{}: twice {}x{} does not cover {}x{}", where(), x[2], x[3], to[2], to[3]);
    }
    return {x[0], x[1], to[2], to[3]};
  }

  Shape operator()(const WholeCells& op) const {
    Shape y = image(0);
    for (std::size_t d = 2; d < 4; ++d) y[d] = y[d] < op.size ? y[d] : y[d] / op.size * op.size;
    return y;
  }

  Shape operator()(const Trim& op) const {
    const Shape& x = image(0);
    if (x[2] <= op.amount || x[3] <= op.amount) {
      fail("{}: nothing is left of {}x{} after cutting {}", where(), x[2], x[3], op.amount);
    }
    return {x[0], x[1], x[2] - op.amount, x[3] - op.amount};
  }

  Shape operator()(const LogSoftmax&) const { return in(0); }

  Shape operator()(const PadChannels& op) const {
    const Shape& x = image(0);
    expect_channels(op.in, x[1]);
    return {x[0], op.out, (x[2] + op.stride - 1) / op.stride, (x[3] + op.stride - 1) / op.stride};
  }

  Shape operator()(const Dropout&) const { return in(0); }

  Shape operator()(const AdaptivePool& op) const { return {image(0)[0], image(0)[1], op.size[0], op.size[1]}; }

  Shape operator()(const PadSame& op) const {
    Shape y = image(0);
    for (std::size_t d = 0; d < 2; ++d) {
      const std::int64_t windows = (y[2 + d] + op.stride[d] - 1) / op.stride[d];
      y[2 + d] = std::max(y[2 + d], (windows - 1) * op.stride[d] + op.kernel[d]);
    }
    return y;
  }

  Shape operator()(const SliceChannels& op) const { return {image(0)[0], op.count, image(0)[2], image(0)[3]}; }
  Shape operator()(const ShuffleChannels&) const { return image(0); }
  Shape operator()(const RadixSoftmax&) const { return image(0); }

  Shape operator()(const UpsampleNearest& op) const {
    const Shape& x = image(0);
    return {x[0], x[1], x[2] * op.factor, x[3] * op.factor};
  }

  /// Statistics of each sample's channel need more than one pixel.
  const Shape& pixels(std::int64_t channels) const {
    const Shape& x = image(0);
    expect_channels(channels, x[1]);
    if (x[2] * x[3] < 2) fail("{}: one pixel has no statistics of its own; use a larger input", where());
    return x;
  }

  Shape operator()(const EvoNorm& op) const { return pixels(op.channels); }
  Shape operator()(const SwitchNorm& op) const { return pixels(op.channels); }
  Shape operator()(const InstanceNorm& op) const { return pixels(op.channels); }
  Shape operator()(const GroupNorm& op) const {
    expect_channels(op.channels, image(0)[1]);
    return image(0);
  }
  Shape operator()(const PRelu&) const { return in(0); }
  Shape operator()(const ChannelScale& op) const {
    expect_channels(op.channels, image(0)[1]);
    return image(0);
  }
  Shape operator()(const DropPath&) const { return in(0); }
  Shape operator()(const DropBlock&) const { return image(0); }

  Shape operator()(const LipPool& op) const {
    if (in(0) != in(1)) fail("{}: {} importances for {}", where(), to_text(in(1)), to_text(in(0)));
    return windows(image(0), in(0)[1], op.kernel, op.stride, op.padding, {1, 1});
  }

  Shape operator()(const DeformConv2d& op) const {
    const Shape& x = image(0);
    expect_channels(op.in, x[1]);
    Shape y = windows(x, op.out, op.kernel, op.stride, op.padding, op.dilation);
    const std::int64_t taps = op.kernel[0] * op.kernel[1];
    const Shape offset{y[0], 2 * taps, y[2], y[3]};
    const Shape mask{y[0], taps, y[2], y[3]};
    if (in(1) != offset || in(2) != mask) {
      fail("{}: expects offsets {} and a mask {}, got {} and {}", where(), to_text(offset), to_text(mask),
           to_text(in(1)), to_text(in(2)));
    }
    return y;
  }

  Shape operator()(const Lambda& op) const {
    const Shape& query = image(0);
    const Shape& value = image(2);
    if (query[1] != op.heads * op.depth || image(1)[1] != op.depth) {
      fail("{}: {} query and {} key channels for {} heads of depth {}", where(), query[1], in(1)[1], op.heads,
           op.depth);
    }
    const auto at = [](const Shape& x) { return std::array{x[0], x[2], x[3]}; };
    if (at(query) != at(in(1)) || at(query) != at(value)) {
      fail("{}: queries {}, keys {} and values {} differ in size", where(), to_text(query), to_text(in(1)),
           to_text(value));
    }
    return {value[0], op.heads * value[1], value[2], value[3]};
  }
};

}  // namespace

namespace {

/// Sizes that a tensor can have, so that their products still fit. A batch of no images is one.
template <class Where>
void expect_size(const Shape& shape, Where where) {
  constexpr std::int64_t kMostElements = std::int64_t{1} << 40;
  std::int64_t count = 1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i == 0 && shape[i] == 0) continue;
    const std::int64_t size = shape[i];
    if (size < 1) fail("{}: sizes are above 0, got {}", where(), to_text(shape));
    if (size > kMostElements / count) fail("{}: {} is more than a tensor holds", where(), to_text(shape));
    count *= size;
  }
}

}  // namespace

Indexed<Shape> infer(const Graph& graph, const Shape& input) {
  if (graph.nodes().empty()) fail("the graph is empty; begin with graph::input");
  const std::int64_t channels = std::get<Input>(graph.node(0).op).channels;
  if (input.size() != 4) fail("the network's input is (N,C,H,W), got {}", to_text(input));
  if (input[1] != channels) fail("the network expects {} input channels, got {}", channels, input[1]);
  expect_size(input, [] { return std::string("the network's input"); });
  Indexed<Shape> shapes{input};
  shapes.reserve(graph.nodes().size());
  for (NodeId id = 1; id < static_cast<NodeId>(graph.nodes().size()); ++id) {
    shapes.push_back(std::visit(Infer{graph, id, shapes}, graph.node(id).op));
    expect_size(shapes.back(), [&] { return label(graph, id); });
  }
  return shapes;
}

}  // namespace springbok::graph
