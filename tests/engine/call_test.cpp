// Calls that cannot be right: foreign states, inputs of other types, graphs without an end, forks. Each is one Error.
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <type_traits>

#include "springbok/base/error.h"
#include "springbok/engine/executor.h"
#include "springbok/engine/forks.h"
#include "springbok/graph/build.h"
#include "springbok/zoo/zoo.h"
#include "tests/support/in_a_child.h"
#include "tests/support/message_of.h"

namespace springbok::engine {
namespace {

using testing::in_a_child;
using testing::message_of;

// A temporary graph does not compile: the executor keeps a reference.
static_assert(std::is_constructible_v<Executor, const graph::Graph&>);
static_assert(std::is_constructible_v<Executor, graph::Graph&>);
static_assert(!std::is_constructible_v<Executor, graph::Graph>);
static_assert(!std::is_constructible_v<Executor, const graph::Graph>);
static_assert(!std::is_constructible_v<Executor, decltype(zoo::build("resnet18"))>);

graph::Graph small(std::int64_t out) {
  graph::Graph net;
  const graph::Scope root{&net, ""};
  graph::Value x = graph::conv(root / "conv1", graph::input(net, 3), {.out = out, .kernel = 3});
  x = graph::relu(graph::norm(root / "bn1", x));
  graph::output(graph::linear(root / "fc", graph::flatten(graph::global_pool(x)), {.out = 5}));
  return net;
}

TEST(Call, InputsOfOtherTypesAndShapesAreNamed) {
  const graph::Graph net = small(4);
  State state = initialise(net, 1);
  const Executor executor(net);
  const auto says = [&](const at::Tensor& input) {
    return message_of<Error>([&] { executor.forward(state, input, {}); });
  };
  const at::Tensor image = at::zeros({2, 3, 8, 8});
  EXPECT_EQ(executor.forward(state, image, {}).sizes(), at::IntArrayRef({2, 5}));
  EXPECT_EQ(says({}), "the network's input is (N,C,H,W), got no tensor");
  EXPECT_EQ(says(image.to(at::kByte)),
            "the network's input is of float or double, got Byte; convert it, pixels / 255 and normalised");
  EXPECT_EQ(says(image.to(at::kLong)),
            "the network's input is of float or double, got Long; convert it, pixels / 255 and normalised");
  EXPECT_EQ(says(image.to(at::kDouble)),
            "conv1.weight: is of type Float, for an input of type Double; convert one of them");
  EXPECT_EQ(says(image[0]), "the network's input is (N,C,H,W), got 3x8x8");
  EXPECT_EQ(says(image.narrow(3, 0, 0)), "the network's input: sizes are above 0, got 2x3x8x0");
  EXPECT_EQ(says(image.narrow(1, 0, 1)), "the network expects 3 input channels, got 1");
}

TEST(Call, AStateIsItsGraphs) {
  const graph::Graph net = small(4), wider = small(8);
  State foreign = initialise(wider, 1), cut = initialise(net, 1), empty;
  const Executor executor(net);
  const at::Tensor image = at::zeros({2, 3, 8, 8});
  const auto says = [&](State& state) { return message_of<Error>([&] { executor.forward(state, image, {}); }); };
  EXPECT_EQ(says(foreign), "conv1.weight: the state has a 8x3x3x3, the graph wants 4x3x3x3: it is another graph's");
  EXPECT_EQ(says(empty), "the state has 0 tensors, the graph 8 parameters: it is another graph's");
  cut.tensors[1].reset();
  EXPECT_EQ(says(cut), "bn1.weight: the state has no tensor for it");
  EXPECT_EQ(message_of<Error>([&] { state_dict(net, empty); }),
            "the state has 0 tensors, the graph 8 parameters: it is another graph's");
  EXPECT_EQ(message_of<Error>([&] { initialise(net, 1, at::kHalf); }), "parameters are float or double, not Half");
}

TEST(Call, AGraphWithoutAnOutputHasNoExecutor) {
  graph::Graph net;
  graph::conv({&net, "conv1"}, graph::input(net, 3), {.out = 4});
  EXPECT_EQ(message_of<Error>([&] { Executor{net}; }),
            "the graph has no output (its last layer is conv1); end it with graph::output");
}

/// What LibTorch refuses is an Error with the layer's name, without its own text of many lines.
TEST(Call, NoMemoryIsAnErrorOfTheLayer) {
  graph::Graph net;
  graph::output(graph::upsample(graph::input(net, 3), 1 << 16));
  State state = initialise(net, 1);
  const std::string message = message_of<Error>([&] { Executor(net).forward(state, at::zeros({1, 3, 4, 4}), {}); });
  EXPECT_EQ(message, "upsample: not enough memory for its output; use a smaller batch or smaller images");
}

TEST(Call, AForkedChildIsToldWhatItCannotDo) {
  const graph::Graph net = small(64);
  State state = initialise(net, 1);
  const Executor executor(net);
  const at::Tensor images = at::ones({16, 3, 64, 64});
  at::set_num_threads(2);
  const at::Tensor expected = executor.forward(state, images, {});
  const int code = in_a_child([&] {
    const std::string message = message_of<Error>([&] { executor.forward(state, images, {}); });
    if (message.find("forked from one that had computed, without its compute threads") == std::string::npos) return 1;
    at::set_num_threads(1);
    return at::allclose(executor.forward(state, images, {}), expected, 1e-4, 1e-5) ? 0 : 2;
  });
  EXPECT_EQ(code, 0);
  expect_gradient_threads();
  EXPECT_EQ(in_a_child([] {
              const std::string message = message_of<Error>([] { expect_gradient_threads(); });
              return message.find("cannot compute any") == std::string::npos ? 1 : 0;
            }),
            0);
  at::set_num_threads(1);
}

}  // namespace
}  // namespace springbok::engine
