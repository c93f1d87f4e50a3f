// What a caller builds is checked as it is built: every number, every value, every name, with the layer's.
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>

#include "springbok/base/error.h"
#include "springbok/graph/build.h"
#include "tests/support/message_of.h"

namespace springbok::graph {
namespace {

using testing::message_of;

/// A network under construction: an image of 6 channels, and scopes of it.
struct Net {
  Graph graph;
  Value x = input(graph, 6);
  Scope at(const std::string& path) { return {&graph, path}; }
};

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kHuge = std::int64_t{1} << 62;

struct Case {
  const char* says;
  std::function<void(Net&)> build;
};

TEST(Valid, NumbersThatNoLayerHasAreNamedWithTheLayer) {
  const Case cases[] = {
      {"c: kernel: must be between 1 and 16777216, got 0",
       [](Net& n) { conv(n.at("c"), n.x, {.out = 4, .kernel = 0}); }},
      {"c: kernel: must be between 1 and 16777216, got -3",
       [](Net& n) { conv(n.at("c"), n.x, {.out = 4, .kernel_width = -3}); }},
      {"c: kernel: must be between 1 and 16777216, got 4611686018427387904",
       [](Net& n) { conv(n.at("c"), n.x, {.out = 4, .kernel = kHuge}); }},
      {"c: stride: must be between 1 and 16777216, got 0",
       [](Net& n) { conv(n.at("c"), n.x, {.out = 4, .stride = 0}); }},
      {"c: padding: must be between 0 and 16777216, got -2",
       [](Net& n) { conv(n.at("c"), n.x, {.out = 4, .padding = -2}); }},
      {"c: dilation: must be between 1 and 16777216, got 0",
       [](Net& n) { conv(n.at("c"), n.x, {.out = 4, .kernel = 3, .dilation = 0}); }},
      {"c: 6 -> 4 channels cannot be split into -1 groups",
       [](Net& n) { conv(n.at("c"), n.x, {.out = 4, .groups = -1}); }},
      {"c: 6 -> 0 channels cannot be split into 1 groups", [](Net& n) { conv(n.at("c"), n.x, {}); }},
      {"c: channels out: must be between 1 and 16777216, got 4611686018427387904",
       [](Net& n) { conv(n.at("c"), n.x, {.out = kHuge}); }},
      {"c.weight: no parameter is 16777216x6x65536x65536 large; check the layer's channels and kernel",
       [](Net& n) { conv(n.at("c"), n.x, {.out = 1 << 24, .kernel = 1 << 16}); }},
      {"c.weight: the scale of its first values is 0 or more, got nan",
       [](Net& n) { conv(n.at("c"), n.x, {.out = 4, .init = Init::normal, .init_scale = kNan}); }},
      {"c.weight: only square kernels start as bilinear ones, got 4x6x3x5",
       [](Net& n) { conv(n.at("c"), n.x, {.out = 4, .kernel = 3, .kernel_width = 5, .init = Init::bilinear}); }},
      {"up: stride: must be between 1 and 16777216, got 0",
       [](Net& n) { conv_transpose(n.at("up"), n.x, {.out = 6, .stride = 0}); }},
      {"bn: eps: must be above 0 and finite, got -1", [](Net& n) { norm(n.at("bn"), n.x, {.eps = -1}); }},
      {"bn: momentum: must be between 0 and 1, got nan", [](Net& n) { norm(n.at("bn"), n.x, {.momentum = kNan}); }},
      {"evo: momentum: must be between 0 and 1, got 2", [](Net& n) { evo_norm(n.at("evo"), n.x, {.momentum = 2}); }},
      {"drop: a dropout probability lies in [0, 1), got 2", [](Net& n) { dropout(n.at("drop"), n.x, 2.0); }},
      {"drop: a dropout probability lies in [0, 1), got nan", [](Net& n) { drop_path(n.at("drop"), n.x, kNan); }},
      {"fc: features out: must be between 1 and 16777216, got 0",
       [](Net& n) { linear(n.at("fc"), flatten(global_pool(n.x)), {}); }},
      {"max_pool: stride: must be between 1 and 16777216, got 0", [](Net& n) { max_pool(n.x, {.stride = 0}); }},
      {"avg_pool: padding: must be between 0 and 1, got 2", [](Net& n) { avg_pool(n.x, {.kernel = 3, .padding = 2}); }},
      {"adaptive_pool: size: must be between 1 and 16777216, got 0", [](Net& n) { adaptive_pool(n.x, 0); }},
      {"upsample: factor: must be between 1 and 16777216, got 0", [](Net& n) { upsample(n.x, 0); }},
      {"upsample_nearest: factor: must be between 1 and 16777216, got -1", [](Net& n) { upsample_nearest(n.x, -1); }},
      {"whole_cells: size: must be between 1 and 16777216, got 0", [](Net& n) { whole_cells(n.x, 0); }},
      {"pad_channels: stride: must be between 1 and 16777216, got 0", [](Net& n) { pad_channels(n.x, 8, 0); }},
      {"pad_channels: channels out: must be between 6 and 16777216, got 5", [](Net& n) { pad_channels(n.x, 5, 1); }},
      {"pad_same: kernel: must be between 1 and 16777216, got 0", [](Net& n) { pad_same(n.x, 0, 1); }},
      {"input: no 9223372036854775807 channels from 1 on in 6",
       [](Net& n) { slice_channels(n.x, 1, std::numeric_limits<std::int64_t>::max()); }},
      {"l: a reach is odd, got 4", [](Net& n) { lambda(n.at("l"), n.x, n.x, n.x, {.heads = 1, .reach = 4}); }},
      {"l: 6 query and 6 key channels for 4 heads", [](Net& n) { lambda(n.at("l"), n.x, n.x, n.x, {}); }},
  };
  for (const Case& c : cases) {
    Net net;
    EXPECT_EQ(message_of<Error>([&] { c.build(net); }), c.says);
  }
}

TEST(Valid, AGraphHasOneInputOneOutputAndItsOwnValues) {
  Net net, other;
  EXPECT_EQ(message_of<Error>([&] { input(net.graph, 3); }), "input: a graph has one input, and this one has it");
  EXPECT_EQ(message_of<Error>([&] { add(net.x, other.x); }), "add: reads values of two graphs");
  EXPECT_EQ(message_of<Error>([&] { concat({net.x, other.x}); }), "concat: reads values of two graphs");
  EXPECT_EQ(message_of<Error>([&] { concat({}); }), "concat: joins one value or more");
  EXPECT_EQ(message_of<Error>([&] { conv(other.at("c"), net.x, {.out = 2}); }),
            "c: its scope is of another graph than the values it reads");
  EXPECT_EQ(message_of<Error>([&] { relu(Value{}); }), "relu: reads a value that no builder made");
  EXPECT_EQ(message_of<Error>([&] { relu(Value{&net.graph, 7}); }), "relu: reads a value that no builder made");
  EXPECT_EQ(message_of<Error>([&] { conv(Scope{}, net.x, {.out = 2}); }),
            ": its scope is of another graph than the values it reads");
  EXPECT_EQ(message_of<Error>([&] { net.at("layer1") / ""; }), "layer1: a module inside it needs a name");
  EXPECT_EQ(message_of<Error>([&] { add(flatten(global_pool(net.x)), net.x); }),
            "add: cannot join (N,C) and (N,C,H,W): flatten and input");
  output(relu(net.x));
  EXPECT_EQ(message_of<Error>([&] { output(net.x); }), "input: a graph has one output, and relu is it");
}

TEST(Valid, AGraphWithoutAnOutputDoesNotRun) {
  Net net;
  conv(net.at("conv1"), net.x, {.out = 2});
  EXPECT_EQ(message_of<Error>([&] { expect_runnable(net.graph); }),
            "the graph has no output (its last layer is conv1); end it with graph::output");
  EXPECT_EQ(message_of<Error>([] { expect_runnable(Graph()); }),
            "the graph is empty; begin with graph::input and end with graph::output");
  EXPECT_EQ(message_of<Error>([] { infer(Graph(), {1, 3, 8, 8}); }), "the graph is empty; begin with graph::input");
}

TEST(Valid, TwoLayersDoNotShareAScope) {
  Net net;
  const Value x = conv(net.at("a"), net.x, {.out = 6});
  EXPECT_EQ(message_of<Error>([&] { norm(net.at("a"), x); }),
            "a.weight: there is a parameter of this name already; two layers share a scope");
  dropout(net.at("drop"), x, 0.5);
  EXPECT_EQ(message_of<Error>([&] { dropout(net.at("drop"), x, 0.5); }),
            "drop: two layers that drop at random share this scope, and would drop the same; give each its own");
}

/// A layer that is refused leaves nothing behind, so that its scope can be used.
TEST(Valid, ARefusedLayerLeavesNoParameters) {
  Net net;
  EXPECT_THROW(conv(net.at("c"), net.x, {.out = 4, .stride = 0, .bias = true}), Error);
  EXPECT_TRUE(net.graph.params().empty());
  conv(net.at("c"), net.x, {.out = 4, .bias = true});
  EXPECT_EQ(net.graph.params().size(), 2U);
}

TEST(Valid, NodesThatNoBuilderMadeAreCheckedToo) {
  Net net;
  EXPECT_EQ(
      message_of<Error>([&] { net.graph.append(Node{.op = Conv2d{.in = 6, .out = 2}, .inputs = {0}, .path = "c"}); }),
      "c: names a parameter that its graph does not have");
  EXPECT_EQ(message_of<Error>([&] { net.graph.append(Node{.op = Add{}, .inputs = {0}}); }),
            "add: reads 2 values, not 1");
  EXPECT_EQ(message_of<Error>([&] { net.graph.append(Node{.op = GlobalPool{}, .inputs = {3}}); }),
            "global_pool: reads a value that is not there yet");
  EXPECT_EQ(message_of<Error>([] { Graph().append(Node{.op = Concat{}, .inputs = {}}); }),
            "concat: reads one or more values, not 0");
  EXPECT_EQ(message_of<Error>([&] { net.graph.set_output(9); }), "a graph's output is one of its values");
}

TEST(Valid, InputsThatNoTensorHoldsAreRefused) {
  Net net;
  output(upsample(net.x, 1 << 20));
  EXPECT_EQ(message_of<Error>([&] {
              infer(net.graph, {1, 6, 0, 8});
            }),
            "the network's input: sizes are above 0, got 1x6x0x8");
  EXPECT_EQ(message_of<Error>([&] {
              infer(net.graph, {1, 6, kHuge, kHuge});
            }),
            "the network's input: 1x6x4611686018427387904x4611686018427387904 is more than a tensor holds");
  EXPECT_EQ(message_of<Error>([&] {
              infer(net.graph, {1, 6, 8, 8});
            }),
            "upsample: 1x6x8388608x8388608 is more than a tensor holds");
}

}  // namespace
}  // namespace springbok::graph
