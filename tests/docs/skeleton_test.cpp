// The skeletons of docs/adding-a-model.md and docs/adding-an-op.md, taken out of the pages, do what the pages say.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "leaky_relu.cpp"
#include "springbok/graph/cost.h"
#include "springbok/zoo/zoo.h"

namespace springbok {
namespace zoo {
std::vector<ModelInfo> plainnet_models();
}
namespace {

TEST(Skeleton, ModelBuildsAndOptionsWork) {
  const zoo::ModelInfo model = zoo::plainnet_models().front();
  EXPECT_EQ(model.name, "plainnet14");
  const graph::Graph net = model.build({.classes = 7, .stem = zoo::Stem::small});
  const std::vector<graph::Shape> shapes = graph::infer(net, {2, 3, 32, 32});
  EXPECT_EQ(shapes.back(), (graph::Shape{2, 7}));
  EXPECT_EQ(net.params().front().name, "conv1.weight");
}

TEST(Skeleton, OpEqualsItsPlainLoop) {
  const LeakyRelu op{.slope = 0.1};
  engine::Plain x({1, 2, 1, 3});
  x.values = {-2, -0.5, 0, 0.5, 1, 3};
  const at::Tensor y = run(op, at::from_blob(x.values.data(), x.shape, at::kDouble));
  const engine::Plain wanted = loop_leaky_relu(op, x);
  ASSERT_EQ(y.sizes().vec(), infer_shape(op, x.shape));
  for (std::size_t i = 0; i < x.values.size(); ++i) EXPECT_EQ(y.const_data_ptr<double>()[i], wanted.values[i]);
  EXPECT_EQ(describe(op), "slope 0.1");
}

}  // namespace
}  // namespace springbok
