// The graph as a value: names from scopes, shapes, and errors that name the layer.
#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "springbok/graph/build.h"

namespace springbok::graph {
namespace {

/// The message of the Error that `run` throws, or "" when it throws none.
template <class F>
std::string error_of(F run) {
  try {
    run();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Build, ScopePathsAreStateDictKeys) {
  Graph graph;
  const Scope root{&graph, ""};
  const Value x = input(graph, 3);
  const Value y =
      norm(root / "layer1" / 0 / "bn1", conv(root / "layer1" / 0 / "conv1", x, {.out = 8, .kernel = 3, .bias = true}));
  output(linear(root / "fc", flatten(global_pool(y)), {.out = 10}));
  std::vector<std::string> names;
  for (const Param& param : graph.params()) names.push_back(param.name + " " + to_text(param.shape));
  EXPECT_EQ(names, (std::vector<std::string>{
                       "layer1.0.conv1.weight 8x3x3x3", "layer1.0.conv1.bias 8", "layer1.0.bn1.weight 8",
                       "layer1.0.bn1.bias 8", "layer1.0.bn1.running_mean 8", "layer1.0.bn1.running_var 8",
                       "layer1.0.bn1.num_batches_tracked scalar", "fc.weight 10x8", "fc.bias 10"}));
}

TEST(Build, OnlyKernelsAndMatricesDecay) {
  Graph graph;
  const Scope root{&graph, ""};
  norm(root / "bn", conv(root / "conv", input(graph, 3), {.out = 4, .bias = true}));
  for (const Param& param : graph.params()) EXPECT_EQ(param.decay, param.name == "conv.weight") << param.name;
}

/// The published key order may differ from the order of the computation; ops keep their parameters.
TEST(Build, KeysLastMovesAModuleBehindTheOthers) {
  Graph graph;
  const Scope root{&graph, ""};
  const Value x = input(graph, 3);
  const Value first = norm(root / "project", conv(root / "project" / 0, x, {.out = 4}));
  const Value second = conv(root / "projector", first, {.out = 5});
  conv(root / "a", second, {.out = 6, .bias = true});
  keys_last(root / "project");
  std::vector<std::string> names;
  for (const Param& param : graph.params()) names.push_back(param.name);
  EXPECT_EQ(names, (std::vector<std::string>{"projector.weight", "a.weight", "a.bias", "project.0.weight",
                                             "project.weight", "project.bias", "project.running_mean",
                                             "project.running_var", "project.num_batches_tracked"}));
  for (const Node& node : graph.nodes()) {
    if (const auto* kernel = std::get_if<Conv2d>(&node.op)) {
      EXPECT_EQ(graph.param(kernel->weight).name, node.path + ".weight");
    }
    if (const auto* statistics = std::get_if<Norm>(&node.op)) {
      EXPECT_EQ(graph.param(statistics->var).name, node.path + ".running_var");
    }
  }
}

TEST(Build, AConvolutionOfAGlobalMeanStaysOfKnownWidth) {
  Graph graph;
  const Scope root{&graph, ""};
  const Value x = input(graph, 3);
  EXPECT_EQ(flatten(conv(root / "fc", dropout(root / "drop", global_pool(x), 0.5), {.out = 7})).channels(), 7);
  EXPECT_EQ(flatten(conv(root / "spatial", x, {.out = 7})).channels(), 0);
}

TEST(Build, GroupsMustDivideChannels) {
  Graph graph;
  const Value x = input(graph, 6);
  const Scope conv1{&graph, "conv1"};
  EXPECT_EQ(error_of([&] { conv(conv1, x, {.out = 8, .groups = 4}); }),
            "conv1: 6 -> 8 channels cannot be split into 4 groups");
}

TEST(Build, AddingDifferentWidthsNamesTheLayer) {
  Graph graph;
  const Value x = input(graph, 3);
  const Value a = conv({&graph, "a"}, x, {.out = 4});
  const Value b = conv({&graph, "b"}, x, {.out = 5});
  EXPECT_EQ(error_of([&] { add(a, b); }), "b: cannot add 4 and 5 channels");
}

/// Output height and width of one op made by `make` on a height x width input of 4 channels.
template <class F>
Shape shape_of(std::int64_t height, std::int64_t width, F make) {
  Graph graph;
  output(make(input(graph, 4)));
  return infer(graph, {2, 4, height, width}).back();
}

TEST(Infer, WindowsRoundDownAndCeilRoundsUp) {
  EXPECT_EQ(shape_of(7, 8, [](Value x) { return max_pool(x, {.kernel = 3, .stride = 2}); }), (Shape{2, 4, 3, 3}));
  EXPECT_EQ(shape_of(7, 8, [](Value x) { return max_pool(x, {.kernel = 3, .stride = 2, .ceil = true}); }),
            (Shape{2, 4, 3, 4}));
  EXPECT_EQ(shape_of(9, 9,
                     [](Value x) {
                       return conv({x.graph, "c"}, x, {.out = 8, .kernel = 3, .stride = 2, .dilation = 2});
                     }),
            (Shape{2, 8, 5, 5}));
}

TEST(Infer, HalvingAndRestoringKeepsOddSizes) {
  const auto round_trip = [](Value x) { return crop_like(upsample(avg_pool(pad_even(x), {}), 2), x); };
  EXPECT_EQ(shape_of(7, 8, round_trip), (Shape{2, 4, 7, 8}));
  EXPECT_EQ(shape_of(1, 13, round_trip), (Shape{2, 4, 1, 13}));
}

TEST(Infer, AHalvedMapComesBackAtAnySize) {
  const auto round_trip = [](Value x) { return restore(halve(x, 7), x); };
  EXPECT_EQ(shape_of(7, 7, round_trip), (Shape{2, 4, 7, 7}));
  EXPECT_EQ(shape_of(1, 13, round_trip), (Shape{2, 4, 1, 13}));
  EXPECT_EQ(shape_of(7, 9, [](Value x) { return halve(x, 7); }), (Shape{2, 4, 7, 9}));
  EXPECT_EQ(shape_of(9, 7, [](Value x) { return halve(x, 7); }), (Shape{2, 4, 5, 4}));
}

TEST(Infer, WholeCellsOnlyCutWhatAWindowWouldLeaveOut) {
  const auto cells = [](Value x) { return whole_cells(x, 7); };
  EXPECT_EQ(shape_of(8, 14, cells), (Shape{2, 4, 7, 14}));
  EXPECT_EQ(shape_of(2, 20, cells), (Shape{2, 4, 2, 14}));
}

TEST(Infer, ACeilWindowMayBeLargerThanTheMap) {
  EXPECT_EQ(shape_of(1, 3, [](Value x) { return max_pool(x, {.ceil = true}); }), (Shape{2, 4, 1, 2}));
}

TEST(Infer, TooSmallAnInputNamesTheLayer) {
  Graph graph;
  output(conv({&graph, "stem.conv"}, input(graph, 3), {.out = 8, .kernel = 7, .padding = 0}));
  EXPECT_EQ(error_of([&] {
              infer(graph, {1, 3, 5, 9});
            }),
            "stem.conv: a 5x9 input is smaller than its 7x7 window; use a larger input");
}

TEST(Infer, WrongInputChannels) {
  Graph graph;
  output(relu(input(graph, 3)));
  EXPECT_EQ(error_of([&] { infer(graph, {1, 1, 8, 8}); }), "the network expects 3 input channels, got 1");
}

TEST(Infer, AddOfDifferentSizesNamesTheNearestLayer) {
  Graph graph;
  const Value x = input(graph, 3);
  const Value a = conv({&graph, "a"}, x, {.out = 4, .kernel = 3, .stride = 2});
  const Value b = conv({&graph, "b"}, x, {.out = 4});
  output(add(a, b));
  EXPECT_EQ(error_of([&] { infer(graph, {1, 3, 8, 8}); }), "add after b: cannot add 1x4x4x4 and 1x4x8x8");
}

}  // namespace
}  // namespace springbok::graph
