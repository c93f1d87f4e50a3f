// Every op of the table: shape as inferred, values as a plain loop gives, gradients as finite differences, cost by
// hand.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <set>

#include "springbok/engine/executor.h"
#include "springbok/graph/cost.h"
#include "tests/engine/op_table.h"
#include "tests/golden/golden.h"

namespace springbok::engine {
namespace {

using graph::Graph;

Graph graph_of(const OpRow& row) {
  Graph graph;
  graph::output(row.make({&graph, "op"}, graph::input(graph, row.input[1])));
  return graph;
}

Plain plain(const at::Tensor& tensor) {
  Plain out(tensor.sizes().vec());
  const at::Tensor flat = tensor.detach().contiguous().reshape({-1});
  for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] = flat.const_data_ptr<double>()[i];
  return out;
}

class OpTest : public testing::TestWithParam<OpRow> {};

TEST_P(OpTest, ShapeAndValuesAreThePlainLoops) {
  const OpRow& row = GetParam();
  const Graph graph = graph_of(row);
  State state = golden::filled_state(graph, at::kDouble);
  std::vector<Plain> params;
  for (const at::Tensor& tensor : state.tensors)
    params.push_back(tensor.scalar_type() == at::kDouble ? plain(tensor) : Plain({}));
  const Params named = [&](const std::string& name) -> const Plain& {
    for (std::size_t i = 0; i < params.size(); ++i) {
      if (graph.params()[i].name == "op." + name) return params[i];
    }
    throw std::logic_error("no parameter " + name);
  };
  const at::Tensor x = golden::fill("__input__", row.input);
  const at::Tensor y = Executor(graph).forward(state, x, {.train = true});
  const Plain wanted = row.loop(plain(x), named);
  EXPECT_EQ(y.sizes().vec(), graph::infer(graph, row.input)[graph.output()]);
  ASSERT_EQ(y.sizes().vec(), wanted.shape);
  const Plain got = plain(y);
  for (std::size_t i = 0; i < got.values.size(); ++i)
    ASSERT_NEAR(got.values[i], wanted.values[i], 1e-12) << "element " << i;
}

/// d(sum(y * r))/dv for every input and parameter element, against central differences.
TEST_P(OpTest, GradientsAreFiniteDifferences) {
  const OpRow& row = GetParam();
  const Graph graph = graph_of(row);
  State state = golden::filled_state(graph, at::kDouble);
  at::Tensor x = golden::fill("__input__", row.input).set_requires_grad(true);
  const Executor executor(graph);
  const auto loss = [&] {
    const at::Tensor y = executor.forward(state, x, {.train = true});
    return at::sum(at::mul(y, golden::fill("__target__", y.sizes().vec())));
  };
  loss().backward();
  std::vector<at::Tensor> leaves{x};
  for (const at::Tensor& tensor : state.tensors) {
    if (tensor.requires_grad()) leaves.push_back(tensor);
  }
  constexpr double kStep = 1e-6;
  for (const at::Tensor& leaf : leaves) {
    const at::Tensor flat = leaf.detach().reshape({-1});
    for (std::int64_t i = 0; i < flat.numel(); i += 3) {
      double* value = flat.mutable_data_ptr<double>() + i;
      const double kept = *value;
      *value = kept + kStep;
      const double up = loss().item<double>();
      *value = kept - kStep;
      const double down = loss().item<double>();
      *value = kept;
      ASSERT_NEAR(leaf.grad().reshape({-1})[i].item<double>(), (up - down) / (2 * kStep), 2e-7) << "element " << i;
    }
  }
}

TEST_P(OpTest, CostIsCountedByHand) {
  const OpRow& row = GetParam();
  EXPECT_EQ(graph::cost(graph_of(row), row.input[2], row.input[3]).macs, row.macs);
}

INSTANTIATE_TEST_SUITE_P(Table, OpTest, testing::ValuesIn(op_rows()), [](const auto& row) {
  std::string name;
  for (const char c : row.param.name) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

/// A new op without a row fails here.
TEST(OpTable, EveryOpHasARow) {
  std::set<std::size_t> seen;
  for (const OpRow& row : op_rows()) {
    const Graph graph = graph_of(row);
    for (const graph::Node& node : graph.nodes()) seen.insert(node.op.index());
  }
  for (const graph::Op& random :
       {graph::Op(graph::Dropout{}), graph::Op(graph::DropPath{}), graph::Op(graph::DropBlock{})})
    seen.insert(random.index());  // their own tests are in executor_test and tricks_test
  EXPECT_EQ(seen.size(), std::variant_size_v<graph::Op>);
}

}  // namespace
}  // namespace springbok::engine
