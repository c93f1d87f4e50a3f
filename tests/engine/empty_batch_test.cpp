// A batch of no images, a rank's empty share: outputs without rows, gradients of zero, nothing moved; for every op and
// for a network of every family.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "springbok/engine/executor.h"
#include "springbok/graph/cost.h"
#include "springbok/graph/replace.h"
#include "springbok/zoo/zoo.h"
#include "tests/engine/op_table.h"
#include "tests/golden/golden.h"

namespace springbok::engine {
namespace {

using graph::Graph;
using graph::Shape;

/// The parameters with a gradient, by name.
std::set<std::string> with_gradient(const Graph& graph, const State& state) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < state.tensors.size(); ++i) {
    if (state.tensors[i].grad().defined()) names.insert(graph.params()[i].name);
  }
  return names;
}

/// Runs a batch of no images in both kinds of passes, and returns the parameters that got a gradient. With `alike`,
/// these are compared with those that `image` gives one.
std::set<std::string> expect_empty(const Graph& graph, State& state, const Shape& image,
                                   const at::TensorOptions& options, bool alike) {
  const Executor executor(graph);
  Shape none = image;
  none[0] = 0;
  const at::Tensor input = at::zeros(none, options).contiguous(at::MemoryFormat::ChannelsLast);
  const Shape wanted = graph::infer(graph, none)[graph.output()];
  EXPECT_EQ(wanted[0], 0);
  EXPECT_EQ(executor.forward(state, input, {}).sizes().vec(), wanted);
  Effects effects;
  const at::Tensor output = executor.forward(state, input, {.train = true, .effects = &effects});
  EXPECT_EQ(output.sizes().vec(), wanted);
  EXPECT_TRUE(effects.empty()) << "an empty batch moves no statistics";
  std::set<std::string> names;
  if (output.requires_grad()) {
    output.sum().backward();
    names = with_gradient(graph, state);
    for (at::Tensor& tensor : state.tensors) {
      if (!tensor.grad().defined()) continue;
      EXPECT_TRUE(at::equal(tensor.grad(), at::zeros_like(tensor.grad())));
      tensor.mutable_grad().reset();
    }
  }
  if (!alike) return names;
  const at::Tensor full = executor.forward(state, at::ones(image, options), {.train = true});
  if (full.requires_grad()) full.sum().backward();
  EXPECT_EQ(names, with_gradient(graph, state));
  return names;
}

class EmptyBatchOp : public testing::TestWithParam<OpRow> {};

TEST_P(EmptyBatchOp, HasNoRowsAndGradientsOfZero) {
  const OpRow& row = GetParam();
  Graph graph;
  graph::output(row.make({&graph, "op"}, graph::input(graph, row.input[1])));
  for (const at::ScalarType dtype : {at::kFloat, at::kDouble}) {
    State state = golden::filled_state(graph, dtype);
    expect_empty(graph, state, row.input, at::TensorOptions(dtype), true);
  }
}

INSTANTIATE_TEST_SUITE_P(Table, EmptyBatchOp, testing::ValuesIn(op_rows()), [](const auto& row) {
  std::string name;
  for (const char c : row.param.name) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

TEST(EmptyBatch, NothingIsDropped) {
  Graph graph;
  graph::Value x = graph::conv({&graph, "conv"}, graph::input(graph, 3), {.out = 8});
  x = graph::dropout({&graph, "drop"}, x, 0.3);
  x = graph::drop_path({&graph, "path"}, x, 0.3);
  graph::output(graph::drop_block({&graph, "block"}, x, {.p = 0.3, .block = 3}));
  State state = initialise(graph, 0);
  expect_empty(graph, state, {2, 3, 8, 8}, at::kFloat, true);
}

/// The smallest network of each family, at a small size.
TEST(EmptyBatch, EveryFamilyTakesIt) {
  std::map<std::string, std::pair<std::int64_t, const zoo::ModelInfo*>> smallest;
  for (const zoo::ModelInfo& model : zoo::models()) {
    const std::int64_t params = graph::count_params(zoo::build(model.name));
    auto& [least, which] = smallest[model.family];
    if (which == nullptr || params < least) std::tie(least, which) = std::pair(params, &model);
  }
  for (const auto& [family, model] : smallest) {
    SCOPED_TRACE(family + ": " + model.second->name);
    const Graph graph = zoo::build(model.second->name, {.classes = 10});
    State state = allocate(graph);
    for (std::size_t i = 0; i < state.tensors.size(); ++i) {
      state.tensors[i].zero_();
      state.tensors[i].set_requires_grad(graph.params()[i].trainable);
    }
    const std::int64_t size = std::min<std::int64_t>(model.second->input, 96);
    const auto names = expect_empty(graph, state, {2, 3, size, size}, at::kFloat, false);
    EXPECT_TRUE(names.contains(graph.params()[0].name)) << "the first layer gets its zeros";
  }
}

}  // namespace
}  // namespace springbok::engine
