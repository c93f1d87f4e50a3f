// The training tricks as rewrites: what changes, what stays, and where parameters stand; each with a network in which
// nothing can change.
#include "springbok/graph/replace.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "springbok/graph/build.h"
#include "springbok/graph/cost.h"
#include "springbok/graph/rewrite.h"

namespace springbok::graph {
namespace {

const Shape kInput{1, 3, 32, 32};

/// A stem, two residual blocks (the second at half resolution) and a classifier.
Graph small() {
  Graph graph;
  const Scope root{&graph, ""};
  Value x = relu(norm(root / "bn", conv(root / "stem", input(graph, 3), {.out = 8, .kernel = 3, .stride = 4})));
  x = max_pool(x, {.kernel = 3, .stride = 2, .padding = 1});
  for (std::int64_t i = 0; i < 2; ++i) {
    const Scope s = root / "block" / i;
    const Value y = relu(norm(s / "bn1", conv(s / "conv1", x, {.out = 8, .kernel = 3, .stride = i + 1})));
    const Value z = norm(s / "bn2", conv(s / "conv2", y, {.out = 8}), {.gamma = Init::zeros});
    const Value skip = i == 0 ? x : norm(s / "bn3", conv(s / "down", x, {.out = 8, .stride = 2}));
    x = relu(residual(s, z, skip));
  }
  unused_conv(root / "unused", 4, {.out = 2});
  output(linear(root / "fc", flatten(global_pool(x)), {.out = 5}));
  return graph;
}

Graph without_anything() {
  Graph graph;
  output(linear({&graph, "fc"}, flatten(global_pool(input(graph, 3))), {.out = 5}));
  return graph;
}

std::vector<std::string> keys(const Graph& graph) {
  std::vector<std::string> names;
  for (const Param& param : graph.params()) names.push_back(param.name);
  return names;
}

std::vector<std::string> ops(const Graph& graph, const std::string& path_prefix) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes())
    if (node.path.starts_with(path_prefix)) names.push_back(name_of(node.op) + " " + node.path);
  return names;
}

int count(const Graph& graph, const std::string& op) {
  int found = 0;
  for (const Node& node : graph.nodes()) found += name_of(node.op) == op ? 1 : 0;
  return found;
}

/// The network still runs, and ends in the same shape.
void expect_whole(const Graph& graph) {
  EXPECT_EQ(infer(graph, kInput)[graph.output()], (Shape{1, 5}));
  for (const Node& node : graph.nodes()) {
    if (!node.path.empty() && name_of(node.op) == "conv2d") {
      EXPECT_EQ(graph.param(std::get<Conv2d>(node.op).weight).name, node.path + ".weight");
    }
  }
}

TEST(Replace, ACopyIsTheSame) {
  const Graph before = small();
  const Graph after = Rewrite::run(before, [](Rewrite&, NodeId) { return std::nullopt; });
  EXPECT_EQ(keys(after), keys(before));
  EXPECT_EQ(after.nodes().size(), before.nodes().size());
  EXPECT_EQ(after.output(), before.output());
  expect_whole(after);
}

TEST(Replace, ActivationsButNotGates) {
  Graph graph = small();
  EXPECT_EQ(replace_activations(graph, {Act::hardswish}), 5);
  EXPECT_EQ(count(graph, "relu"), 0);
  Graph gated;
  output(activation(input(gated, 3), Act::sigmoid));
  EXPECT_EQ(replace_activations(gated, {Act::silu}), 0);
}

TEST(Replace, FrozenNormsDoNotTrain) {
  Graph graph = small();
  EXPECT_EQ(replace_norms(graph, NormKind::frozen), 6);
  for (const Param& param : graph.params()) {
    const bool of_norm = param.name.find("bn") != std::string::npos;
    EXPECT_EQ(param.trainable, !of_norm) << param.name;
  }
  EXPECT_EQ(keys(graph), keys(small()));
  Graph bare = without_anything();
  EXPECT_EQ(replace_norms(bare, NormKind::sync), 0);
}

TEST(Replace, SwitchNormsStandWhereTheBatchNormsStood) {
  Graph graph = small();
  EXPECT_EQ(switch_norms(graph, kInput, SwitchForm::paper), 6);
  expect_whole(graph);
  const std::vector<std::string> names = keys(graph);
  const std::vector<std::string> wanted{"stem.weight",   "bn.weight",       "bn.bias",        "bn.mean_weight",
                                        "bn.var_weight", "bn.running_mean", "bn.running_var", "block.0.conv1.weight"};
  EXPECT_EQ(std::vector(names.begin(), names.begin() + 8), wanted);
  EXPECT_EQ(names[names.size() - 3], "unused.weight");
  for (const Param& param : graph.params()) {
    if (!param.name.ends_with(".weight") || param.name.find("bn") == std::string::npos) continue;
    EXPECT_EQ(param.init, param.name.ends_with("bn2.weight") ? Init::zeros : Init::ones) << param.name;
  }
  Graph bare = without_anything();
  EXPECT_EQ(switch_norms(bare, kInput, SwitchForm::paper), 0);
}

TEST(Replace, EvoNormsTakeTheirActivationAlong) {
  Graph graph = small();
  EXPECT_EQ(evo_norms(graph, kInput), 6);
  expect_whole(graph);
  EXPECT_EQ(count(graph, "evo_norm"), 3);
  EXPECT_EQ(count(graph, "channel_scale"), 3);
  EXPECT_EQ(count(graph, "relu"), 2);  // behind the sums
  EXPECT_EQ(plain_norms(graph), 3);
  expect_whole(graph);
  EXPECT_EQ(count(graph, "evo_norm"), 0);
  EXPECT_EQ(plain_norms(graph), 0);
}

/// One pixel has no statistics of its own: such norms stay.
TEST(Replace, NormsOfPooledMapsStay) {
  Graph graph;
  const Scope root{&graph, ""};
  output(relu(norm(root / "bn", global_pool(input(graph, 3)))));
  EXPECT_EQ(switch_norms(graph, kInput, SwitchForm::paper), 0);
  EXPECT_EQ(evo_norms(graph, kInput), 0);
  EXPECT_EQ(count(graph, "norm"), 1);
}

TEST(Replace, DropPathRisesFromBlockToBlock) {
  Graph graph = small();
  EXPECT_EQ(add_drop_path(graph, 0.4), 2);
  expect_whole(graph);
  std::vector<double> rates;
  for (const Node& node : graph.nodes()) {
    if (const auto* drop = std::get_if<DropPath>(&node.op)) rates.push_back(drop->p);
  }
  EXPECT_EQ(rates, (std::vector<double>{0.2, 0.4}));
  EXPECT_EQ(ops(graph, "block.1.drop_path"), (std::vector<std::string>{"drop_path block.1.drop_path"}));
  Graph bare = without_anything();
  EXPECT_EQ(add_drop_path(bare, 0.4), 0);
}

TEST(Replace, DropBlockStandsBehindTheNormsOfTheLastBlocks) {
  Graph graph = small();
  EXPECT_EQ(add_drop_block(graph, kInput, {.p = 0.2, .block = 3}), 5);
  expect_whole(graph);
  for (const Node& node : graph.nodes()) {
    const auto* drop = std::get_if<DropBlock>(&node.op);
    if (drop == nullptr) continue;
    EXPECT_EQ(drop->p, node.path.starts_with("block.1.") ? 0.2 : 0.05) << node.path;
    EXPECT_EQ(drop->block, 3);
  }
  EXPECT_EQ(ops(graph, "bn"), (std::vector<std::string>{"norm bn"}));  // the stem's has none behind it
  Graph bare = without_anything();
  EXPECT_EQ(add_drop_block(bare, kInput, {.p = 0.2, .block = 3}), 0);
}

/// ModelZoo's places: behind the norms inside a branch and behind the sum, at one rate in both resolutions.
TEST(Replace, OriginalDropBlockStandsBehindInnerNormsAndSums) {
  Graph graph = small();
  int inner = 0, sums = 0;
  for (const Node& node : graph.nodes()) sums += node.block.empty() ? 0 : 1;
  const int places = add_drop_block(graph, kInput, {.p = 0.2, .block = 3, .form = DropBlockForm::modelzoo});
  expect_whole(graph);
  for (std::size_t id = 0; id < graph.nodes().size(); ++id) {
    const Node& node = graph.nodes()[id];
    const auto* drop = std::get_if<DropBlock>(&node.op);
    if (drop == nullptr) continue;
    EXPECT_EQ(drop->p, 0.2) << node.path;
    EXPECT_EQ(drop->form, DropBlockForm::modelzoo);
    const Node& from = graph.node(node.inputs[0]);
    if (from.block.empty()) ++inner;
    EXPECT_EQ(std::holds_alternative<Add>(from.op), !from.block.empty()) << node.path;
  }
  EXPECT_EQ(places, inner + sums);
  EXPECT_GT(inner, 0);
  EXPECT_EQ(sums, 2);
}

TEST(Replace, ActivationsLearnTheirSlopes) {
  Graph graph = small();
  Graph plain = small();
  const int places = replace_activations(plain, {Act::mish});
  EXPECT_EQ(learn_slopes(graph), places);
  expect_whole(graph);
  int slopes = 0;
  for (const Param& param : graph.params()) {
    if (!param.name.starts_with("prelu.")) continue;
    EXPECT_EQ(param.name, "prelu." + std::to_string(slopes++) + ".weight");
    EXPECT_EQ(param.init, Init::constant);
    EXPECT_EQ(param.scale, 0.25);
    EXPECT_FALSE(param.decay);
  }
  EXPECT_EQ(slopes, places);
}

TEST(Replace, GroupsDivideTheChannels) {
  Graph graph;
  Value x = conv({&graph, "conv"}, input(graph, 3), {.out = 48});
  output(norm({&graph, "bn"}, x));
  EXPECT_EQ(group_norms(graph), 1);
  EXPECT_EQ(std::get<GroupNorm>(graph.node(graph.output()).op).groups, 24);
  EXPECT_EQ(count_params(graph), 3 * 48 + 2 * 48);
}

TEST(Replace, MaxPoolsTakeABottleneckOfAWidth) {
  Graph graph;
  output(max_pool(input(graph, 4), {.kernel = 3, .stride = 2, .padding = 1}));
  EXPECT_EQ(replace_max_pools(graph, 6), 1);
  EXPECT_EQ(count_params(graph), 4 * 6 + 12 + 36 * 9 + 12 + 6 * 4 + 8);
  EXPECT_EQ(graph.params().back().name, "lip.0.lip.postprocessing.bn.bias");
}

TEST(Replace, MaxPoolsLearnWhatMatters) {
  Graph graph = small();
  EXPECT_EQ(replace_max_pools(graph), 1);
  expect_whole(graph);
  EXPECT_EQ(ops(graph, "lip"), (std::vector<std::string>{"conv2d lip.0.logit.conv", "instance_norm lip.0.logit.bn"}));
  EXPECT_EQ(count(graph, "max_pool"), 0);
  EXPECT_EQ(replace_max_pools(graph), 0);
}

TEST(Replace, ConvolutionsOfSmallMapsDeform) {
  Graph graph = small();
  EXPECT_EQ(replace_convs(graph, kInput), 2);
  expect_whole(graph);
  EXPECT_EQ(ops(graph, "block.0.conv1"),
            (std::vector<std::string>{"conv2d block.0.conv1.conv_offset", "deform_conv2d block.0.conv1"}));
  EXPECT_EQ(ops(graph, "stem"), (std::vector<std::string>{"conv2d stem"}));  // a quarter of the image
}

}  // namespace
}  // namespace springbok::graph
