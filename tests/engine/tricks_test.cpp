// The ops of the training tricks against torchvision, timm and ModelZoo's toolbox (fixtures/tricks.json), and what is
// dropped at random: how much, and from which stream.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "springbok/base/file.h"
#include "springbok/engine/executor.h"
#include "springbok/engine/kernels/dropout.h"
#include "springbok/graph/build.h"
#include "springbok/graph/replace.h"
#include "tests/golden/golden.h"

namespace springbok::engine {
namespace {

using namespace graph;
using nlohmann::json;

json fixture(const std::string& name) {
  for (const json& row : json::parse(read_text(SPRINGBOK_SOURCE_DIR "/tests/engine/fixtures/tricks.json"))) {
    if (row["case"] == name) return row;
  }
  throw std::logic_error("no case " + name);
}

void expect_values(const at::Tensor& got, const json& wanted, const std::string& what) {
  ASSERT_TRUE(got.defined()) << what;
  const at::Tensor flat = got.detach().contiguous().reshape({-1});
  ASSERT_EQ(flat.numel(), static_cast<std::int64_t>(wanted.size())) << what;
  for (std::int64_t i = 0; i < flat.numel(); ++i) {
    const double value = wanted[static_cast<std::size_t>(i)];
    ASSERT_NEAR(flat.const_data_ptr<double>()[i], value, 1e-12 * std::max(1.0, std::abs(value))) << what << " " << i;
  }
}

at::Tensor input_of(const json& row) {
  return golden::fill("__input__", row["input"].get<Shape>()).set_requires_grad(true);
}

void backward(const at::Tensor& y) {
  at::sum(at::mul(y, golden::fill("__target__", y.sizes().vec()))).backward();
}

/// Runs a graph of one op on the case's input and compares output, gradients and running statistics.
void expect_case(const std::string& name, const Graph& graph, Pass pass) {
  const json row = fixture(name);
  State state = golden::filled_state(graph, at::kDouble);
  const at::Tensor x = input_of(row);
  Effects effects;
  pass.effects = &effects;
  const at::Tensor y = Executor(graph).forward(state, x, pass);
  effects.apply(state);
  EXPECT_EQ(y.sizes().vec(), row["shape"].get<Shape>());
  expect_values(y, row["output"], "output");
  backward(y);
  std::map<std::string, at::Tensor> tensors;
  for (std::size_t i = 0; i < state.tensors.size(); ++i) tensors[graph.params()[i].name] = state.tensors[i];
  for (const auto& [key, wanted] : row["gradients"].items()) {
    expect_values(key == "__input__" ? x.grad() : tensors.at(key).grad(), wanted, "gradient of " + key);
  }
  for (const auto& [key, wanted] : row["buffers"].items()) expect_values(tensors.at(key), wanted, key);
}

template <class Make>
Graph graph_of(std::int64_t channels, Make make) {
  Graph graph;
  output(make(Scope{&graph, "op"}, input(graph, channels)));
  return graph;
}

TEST(Tricks, SwitchNormIsTheToolboxs) {
  const Graph graph = graph_of(4, [](const Scope& s, Value x) { return switch_norm(s, x, {}, SwitchForm::toolbox); });
  expect_case("switch_norm train", graph, {.train = true});
  expect_case("switch_norm eval", graph, {});
}

TEST(Tricks, DeformableConvolutionIsTorchvisions) {
  const auto make = [](std::int64_t stride, std::int64_t groups) {
    return graph_of(31, [=](const Scope& s, Value x) {
      const Value at = avg_pool(x, {.kernel = 1, .stride = stride});
      const Value mask = activation(slice_channels(at, 22, 9), Act::sigmoid);
      return deform_conv(s, slice_channels(x, 0, 4), slice_channels(at, 4, 18), mask,
                         {.out = 6, .kernel = 3, .stride = stride, .groups = groups, .bias = true});
    });
  };
  expect_case("deform_conv2d", make(1, 1), {});
  expect_case("deform_conv2d grouped, stride 2", make(2, 2), {.train = true});
}

TEST(Tricks, LocalImportancePoolingIsThePapers) {
  const Graph graph = graph_of(6, [](const Scope&, Value x) {
    return lip_pool(slice_channels(x, 0, 3), activation(slice_channels(x, 3, 3), Act::sigmoid));
  });
  expect_case("lip_pool", graph, {.train = true});
}

TEST(Tricks, FrozenNormIsTorchvisionsInTraining) {
  Graph graph = graph_of(4, [](const Scope& s, Value x) { return norm(s, x); });
  ASSERT_EQ(replace_norms(graph, NormKind::frozen), 1);
  expect_case("frozen_norm", graph, {.train = true});
}

/// In float32 with a ReLU behind it, where other norms run as one op with it.
TEST(Tricks, FrozenNormStaysAsItIs) {
  Graph graph = graph_of(8, [](const Scope& s, Value x) { return relu(norm(s, x)); });
  replace_norms(graph, NormKind::frozen);
  State state = initialise(graph, 0);
  const at::Tensor x =
      golden::fill("__input__", {2, 8, 3, 3}).to(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
  Effects effects;
  const at::Tensor trained = Executor(graph).forward(state, x, {.train = true, .effects = &effects});
  EXPECT_TRUE(effects.empty());
  EXPECT_TRUE(at::equal(trained, Executor(graph).forward(state, x, {})));
  EXPECT_EQ(state.tensors[2].abs().sum().item<float>(), 0);  // the running mean
  EXPECT_EQ(state.tensors[4].item<std::int64_t>(), 0);
  EXPECT_FALSE(trained.requires_grad());
}

TEST(Tricks, DropPathIsTimmsGivenTheMask) {
  const json row = fixture("drop_path");
  const at::Tensor x = input_of(row);
  const at::Tensor y = drop_path(x, 0.3, at::tensor(row["noise"].get<std::vector<double>>(), at::kDouble));
  expect_values(y, row["output"], "output");
  backward(y);
  expect_values(x.grad(), row["gradients"]["__input__"], "gradient");
}

TEST(Tricks, DropBlockIsTorchvisionsGivenTheMask) {
  const json row = fixture("drop_block");
  const at::Tensor x = input_of(row);
  const at::Tensor corners = at::tensor(row["noise"].get<std::vector<double>>(), at::kDouble).view({2, 3, 5, 4});
  const at::Tensor y = drop_block(x, {.p = 0.2, .block = 3}, corners);
  expect_values(y, row["output"], "output");
  backward(y);
  expect_values(x.grad(), row["gradients"]["__input__"], "gradient");
}

/// Five standard deviations of the mean of so many draws.
double spread(double rate, std::int64_t draws) {
  return 5 * std::sqrt(rate * (1 - rate) / static_cast<double>(draws));
}

TEST(Tricks, AsMuchIsDroppedAsAsked) {
  const double rate = fixture("drop_block")["rate"];
  const at::Tensor corners = block_seeds(at::zeros({200, 3, 7, 6}), {.block = 3}, 0.2, {.seed = 5, .path = "block"});
  EXPECT_EQ(corners.sizes().vec(), (Shape{200, 3, 5, 4}));
  EXPECT_NEAR(corners.mean().item<double>(), rate, spread(rate, corners.numel()));
  const at::Tensor kept = kept_samples(4000, 0.3, {.seed = 5, .path = "block"});
  EXPECT_NEAR(kept.mean().item<double>(), 0.7, spread(0.7, 4000));
}

/// Blocks are not larger than the map: with one block of the whole map, all or nothing goes.
TEST(Tricks, DropBlockTakesMapsSmallerThanItsBlocks) {
  const at::Tensor x = at::ones({64, 2, 2, 3});
  const at::Tensor y = drop_block(x, {.block = 7}, block_seeds(x, {.block = 7}, 0.5, {.seed = 1, .path = "block"}));
  EXPECT_EQ(y.sizes().vec(), x.sizes().vec());
  EXPECT_GT(at::eq(y, 0).sum().item<std::int64_t>(), 0);
  EXPECT_GT(at::gt(y, 1).sum().item<std::int64_t>(), 0);
}

TEST(Tricks, NoiseDoesNotDependOnTheBatchSplit) {
  const Graph graph = graph_of(3, [](const Scope& s, Value x) { return drop_path(s, x, 0.5); });
  State state;
  const at::Tensor x = golden::fill("__input__", {16, 3, 4, 4});
  const Executor executor(graph);
  const auto run = [&](const at::Tensor& part, std::int64_t first, std::int64_t step) {
    return executor.forward(state, part, {.train = true, .seed = 3, .step = step, .first_sample = first});
  };
  const at::Tensor whole = run(x, 0, 7);
  EXPECT_TRUE(at::equal(whole, at::cat({run(x.narrow(0, 0, 5), 0, 7), run(x.narrow(0, 5, 11), 5, 7)})));
  EXPECT_FALSE(at::equal(whole, run(x, 0, 8)));
  EXPECT_TRUE(at::equal(x, executor.forward(state, x, {})));
  const auto seeds = [](std::int64_t samples, std::int64_t first, DropBlockForm form) {
    return block_seeds(at::zeros({samples, 2, 9, 9}), {.block = 3, .form = form}, 0.2,
                       {.seed = 3, .path = "block", .first_sample = first});
  };
  for (const DropBlockForm form : {DropBlockForm::paper, DropBlockForm::toolbox}) {
    EXPECT_TRUE(at::equal(seeds(8, 0, form).narrow(0, 3, 5), seeds(5, 3, form)));
  }
  EXPECT_TRUE(at::equal(seeds(8, 0, DropBlockForm::modelzoo), seeds(5, 3, DropBlockForm::modelzoo)));
}

}  // namespace
}  // namespace springbok::engine
