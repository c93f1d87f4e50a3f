// Fresh parameters and the way to and from plain data.
#include "springbok/engine/state.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "springbok/engine/executor.h"
#include "springbok/graph/build.h"
#include "springbok/zoo/zoo.h"

namespace springbok::engine {
namespace {

TEST(Initialise, DependsOnSeedAndNameOnly) {
  const graph::Graph shallow = zoo::build("resnet20", {.classes = 10});
  const graph::Graph deep = zoo::build("resnet32", {.classes = 10});
  const State a = initialise(shallow, 5);
  const State b = initialise(deep, 5);
  const State c = initialise(shallow, 6);
  ASSERT_EQ(shallow.params()[0].name, deep.params()[0].name);
  EXPECT_TRUE(at::equal(a.tensors[0], b.tensors[0]));
  EXPECT_FALSE(at::equal(a.tensors[0], c.tensors[0]));
}

TEST(Initialise, SpreadIsHeInitialisation) {
  const graph::Graph graph = zoo::build("resnet50");
  const State state = initialise(graph, 1);
  for (std::size_t i = 0; i < state.tensors.size(); ++i) {
    const graph::Param& param = graph.params()[i];
    if (param.elements() < 100000) continue;
    const bool normal = param.init == graph::Init::kaiming_fan_out;
    const double wanted = normal
                              ? std::sqrt(2.0 / static_cast<double>(param.shape[0] * param.shape[2] * param.shape[3]))
                              : 1 / std::sqrt(3.0 * static_cast<double>(param.shape[1]));
    EXPECT_NEAR(state.tensors[i].std().item<double>() / wanted, 1, 0.01) << param.name;
  }
}

/// The strided copies of the tent add up to one wherever the kernel is whole, and its trainable flag is kept.
TEST(Initialise, BilinearKernelsUpsample) {
  graph::Graph graph;
  const graph::Value x = graph::input(graph, 3);
  graph::output(graph::conv_transpose({&graph, "up"}, x, {.out = 3, .groups = 3, .trainable = false}));
  State state = initialise(graph, 1, at::kDouble);
  EXPECT_FALSE(state.tensors[0].requires_grad());
  const at::Tensor ramp = at::arange(6, at::kDouble).reshape({1, 1, 1, 6}).expand({1, 3, 5, 6});
  const at::Tensor up = Executor(graph).forward(state, ramp, {});
  const at::Tensor wanted = at::upsample_bilinear2d(ramp, {10, 12}, false);
  const auto inner = [](const at::Tensor& t) { return t.narrow(2, 1, 8).narrow(3, 1, 10); };
  EXPECT_TRUE(at::allclose(inner(up), inner(wanted), 0, 1e-12));
}

TEST(Plain, RoundTripsEveryDtype) {
  for (const at::ScalarType dtype : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt, at::kShort,
                                     at::kChar, at::kByte, at::kBool}) {
    const at::Tensor tensor = at::arange(24, at::kFloat).reshape({2, 3, 4}).to(dtype);
    const at::Tensor back = from_plain(to_plain(tensor.transpose(0, 2)));
    EXPECT_EQ(back.scalar_type(), dtype);
    EXPECT_TRUE(at::equal(back, tensor.transpose(0, 2)));
  }
}

}  // namespace
}  // namespace springbok::engine
