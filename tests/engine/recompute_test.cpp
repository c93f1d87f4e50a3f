// Blocks that run again in backward: the same bits in outputs, gradients and running statistics, and less that is kept.
#include "springbok/engine/recompute.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/function.h>

#include <algorithm>
#include <string>
#include <vector>

#include "springbok/engine/executor.h"
#include "springbok/zoo/zoo.h"
#include "tests/engine/kernel_support.h"

namespace springbok::engine {
namespace {

struct Case {
  const char* name;
  const char* model;
  std::int64_t size;
  zoo::ModelOptions options;
};

zoo::ModelOptions dropping() {
  zoo::ModelOptions options;
  options.dropout = 0.3;
  options.drop_path = 0.4;
  return options;
}

/// What a step of two batches leaves: outputs, gradients, the state with its running statistics.
std::vector<at::Tensor> left_by(const graph::Graph& graph, std::int64_t size, at::ScalarType dtype, bool recompute) {
  State state = initialise(graph, 7);
  for (at::Tensor& tensor : state.tensors) {
    if (tensor.is_floating_point()) tensor = tensor.detach().to(dtype).set_requires_grad(tensor.requires_grad());
  }
  const Executor executor(graph);
  Effects effects;
  std::vector<at::Tensor> all;
  for (const std::int64_t first : {0, 2}) {
    const at::Tensor images = made(first == 0 ? "a" : "b", {2, 3, size, size}, dtype).detach();
    all.push_back(executor.forward(
        state, images,
        {.train = true, .seed = 5, .step = 3, .first_sample = first, .recompute = recompute, .effects = &effects}));
    backward(all.back());
  }
  effects.apply(state);
  for (const at::Tensor& tensor : state.tensors) {
    all.push_back(tensor.detach());
    if (tensor.requires_grad()) all.push_back(tensor.grad());
  }
  return all;
}

class Recompute : public testing::TestWithParam<Case> {};

TEST_P(Recompute, GivesTheSameBits) {
  const graph::Graph graph = zoo::build(GetParam().model, GetParam().options);
  std::vector<at::ScalarType> dtypes{at::kFloat};
  if (std::string(GetParam().name) == "resnet") dtypes.push_back(at::kDouble);
  for (const at::ScalarType dtype : dtypes) {
    const std::vector<at::Tensor> kept = left_by(graph, GetParam().size, dtype, false);
    const std::vector<at::Tensor> again = left_by(graph, GetParam().size, dtype, true);
    ASSERT_EQ(kept.size(), again.size());
    for (std::size_t i = 0; i < kept.size(); ++i) {
      ASSERT_EQ(kept[i].defined(), again[i].defined()) << "value " << i;
      EXPECT_TRUE(!kept[i].defined() || at::equal(kept[i], again[i])) << "value " << i;
    }
  }
}

TEST_P(Recompute, CutsTheStepsIntoBlocks) {
  const graph::Graph graph = zoo::build(GetParam().model, GetParam().options);
  const State state = initialise(graph, 7);
  const at::Tensor images = made("a", {2, 3, GetParam().size, GetParam().size}, at::kFloat).detach();
  const Steps steps = Executor(graph).steps(state, images, {.train = true});
  const std::vector<Stretch> cuts = stretches(graph, steps);
  EXPECT_GE(cuts.size(), 3U);
  std::vector<graph::NodeId> left{0};
  std::size_t first = 0;
  for (const Stretch& stretch : cuts) {
    for (const graph::NodeId enters : stretch.enters) EXPECT_EQ(std::count(left.begin(), left.end(), enters), 1);
    EXPECT_EQ(stretch.first, first);
    left.push_back(stretch.leaves);
    first = stretch.end;
  }
  EXPECT_EQ(left.back(), graph.output());
  EXPECT_EQ(first, steps.size());
}

INSTANTIATE_TEST_SUITE_P(
    Families, Recompute,
    testing::Values(Case{"resnet", "resnet20", 32, {}}, Case{"elastic", "resnet20_elastic", 32, {}},
                    Case{"preactivation", "resnet18v2", 32, {}}, Case{"segmentation", "resnext50_elastic_seg", 65, {}},
                    Case{"skips", "dla60x_elastic_seg", 65, {}}, Case{"densenet", "densenet121", 32, {}},
                    Case{"dla", "dla60x_elastic", 64, {}}, Case{"mobilenet", "mobilenet_v3_small", 32, dropping()},
                    Case{"efficientnet", "efficientnet_b0", 32, dropping()},
                    Case{"drop_path", "resnet50", 32, dropping()}),
    [](const auto& row) { return row.param.name; });

/// What the autograd graph of a forward pass holds, seen by what is freed with it: tensors that only it keeps.
TEST(RecomputeMemory, KeepsOnlyWhatEntersABlock) {
  const graph::Graph graph = zoo::build("resnet20", {});
  const State state = initialise(graph, 7);
  const at::Tensor images = made("a", {2, 3, 32, 32}, at::kFloat).detach();
  const Executor executor(graph);
  const Steps steps = executor.steps(state, images, {.train = true});
  const auto nodes_behind = [&](bool recompute) {
    const at::Tensor output = executor.forward(state, images, {.train = true, .recompute = recompute});
    std::vector<const torch::autograd::Node*> seen;
    std::vector<const torch::autograd::Node*> next{output.grad_fn().get()};
    while (!next.empty()) {
      const torch::autograd::Node* node = next.back();
      next.pop_back();
      if (node == nullptr || std::find(seen.begin(), seen.end(), node) != seen.end()) continue;
      if (node->name().find("AccumulateGrad") != std::string::npos) continue;
      seen.push_back(node);
      for (const auto& edge : node->next_edges()) next.push_back(edge.function.get());
    }
    return seen.size();
  };
  const std::vector<Stretch> cuts = stretches(graph, steps);
  const std::size_t last = cuts.back().end - cuts.back().first;
  EXPECT_LE(nodes_behind(true), cuts.size() - 1 + 2 * last);
  EXPECT_GT(nodes_behind(false), nodes_behind(true));
}

}  // namespace
}  // namespace springbok::engine
