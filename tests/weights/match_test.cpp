// Pairing tensors with a network, and finding the network.
#include "springbok/weights/match.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "springbok/graph/build.h"
#include "tests/weights/helpers.h"

namespace springbok::weights {
namespace {

/// A tensor of that shape which costs one element.
Tensor thin(const std::vector<std::int64_t>& shape) {
  Tensor tensor = counting({1});
  tensor.shape = shape;
  tensor.strides.assign(shape.size(), 0);
  return tensor;
}

StateDict weights_of(const graph::Graph& graph, bool tracked = true) {
  StateDict dict;
  for (const graph::Param& param : graph.params()) {
    if (tracked || !param.integer) dict.emplace_back(param.name, thin(param.shape));
  }
  return dict;
}

graph::Graph small_network() {
  graph::Graph graph;
  const graph::Scope root{&graph, ""};
  graph::Value x = graph::input(graph, 3);
  x = graph::relu(graph::norm(root / "bn", graph::conv(root / "conv", x, {.out = 4, .kernel = 3})));
  graph::output(graph::linear(root / "fc", graph::flatten(graph::global_pool(x)), {.out = 10}));
  return graph;
}

TEST(Match, PairsEveryTensorWithItsParameter) {
  const graph::Graph graph = small_network();
  StateDict dict = weights_of(graph);
  std::reverse(dict.begin(), dict.end());
  const Match result = match(graph, dict);
  EXPECT_TRUE(result.complete());
  ASSERT_EQ(result.pairs.size(), graph.params().size());
  for (const Pair& pair : result.pairs) EXPECT_EQ(graph.params()[pair.param].name, dict[pair.entry].first);
  EXPECT_EQ(report(result), "loaded 8 tensors");
}

TEST(Match, AMissingCountOfBatchesIsNoMatter) {
  const graph::Graph graph = small_network();
  const Match result = match(graph, weights_of(graph, /*tracked=*/false));
  EXPECT_TRUE(result.complete());
  EXPECT_EQ(result.pairs.size(), 7u);
}

TEST(Match, NamesWhatDoesNotFit) {
  const graph::Graph graph = small_network();
  StateDict dict = weights_of(graph);
  dict.erase(std::remove_if(dict.begin(), dict.end(), [](const auto& item) { return item.first == "fc.bias"; }),
             dict.end());
  dict.emplace_back("head.weight", thin({1}));
  for (auto& [name, tensor] : dict) {
    if (name == "fc.weight") tensor = thin({5, 4});
  }
  const Match result = match(graph, dict);
  EXPECT_FALSE(result.complete());
  EXPECT_EQ(result.missing, std::vector<std::string>{"fc.bias"});
  EXPECT_EQ(result.unexpected, std::vector<std::string>{"head.weight"});
  EXPECT_EQ(result.mismatched, std::vector<std::string>{"fc.weight: the file has 5x4, the network wants 10x4"});
  EXPECT_EQ(
      report(result),
      "loaded 6 tensors, 1 missing (fc.bias), 1 unexpected (head.weight), 1 of another shape (fc.weight: the file "
      "has 5x4, the network wants 10x4)");
}

TEST(Match, ReportsFiveNamesAndCountsTheRest) {
  const Match result{.pairs = {}, .missing = {"a", "b", "c", "d", "e", "f", "g"}, .unexpected = {}, .mismatched = {}};
  EXPECT_EQ(report(result), "loaded 0 tensors, 7 missing (a, b, c, d, e, and 2 more)");
}

TEST(Candidates, TheModelThatMatchesWhollyComesFirst) {
  for (const char* name : {"resnet18", "resnet50", "resnext50_elastic", "resnet20"}) {
    const std::vector<Candidate> found = candidates(weights_of(zoo::build(name)));
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found[0].model, name);
    EXPECT_TRUE(found[0].exact);
    EXPECT_EQ(found[0].share, 1);
    EXPECT_LE(found.size(), 5u);
    EXPECT_TRUE(found.size() < 2 || !found[1].exact);
  }
}

TEST(Candidates, ClassesChannelsAndStemAreSeenInTheShapes) {
  const zoo::ModelOptions options{.classes = 10, .channels = 1, .stem = "small"};
  const std::vector<Candidate> found = candidates(weights_of(zoo::build("resnet18", options), /*tracked=*/false), 1);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].model, "resnet18");
  EXPECT_TRUE(found[0].exact);
  EXPECT_EQ(found[0].options.classes, 10);
  EXPECT_EQ(found[0].options.channels, 1);
  EXPECT_EQ(found[0].options.stem, "small");
}

TEST(Candidates, ClassesAreSeenInAClassifierOfPixels) {
  for (const char* name : {"dla60x", "dla60x_seg", "resnext50_seg"}) {
    const std::vector<Candidate> found = candidates(weights_of(zoo::build(name, {.classes = 21})), 1);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].model, name);
    EXPECT_TRUE(found[0].exact);
    EXPECT_EQ(found[0].options.classes, 21);
  }
}

TEST(Candidates, NearOnesAreRankedAndStrangersNotListed) {
  StateDict dict = weights_of(zoo::build("resnet50"));
  dict.pop_back();
  const std::vector<Candidate> found = candidates(dict);
  ASSERT_GE(found.size(), 2u);
  EXPECT_EQ(found[0].model, "resnet50");
  EXPECT_FALSE(found[0].exact);
  EXPECT_GT(found[0].share, 0.99);
  EXPECT_GE(found[0].share, found[1].share);
  EXPECT_TRUE(candidates({{"no.such.weight", thin({1})}}).empty());
}

}  // namespace
}  // namespace springbok::weights
