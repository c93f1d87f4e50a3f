// Pairing tensors with a network.
#include "springbok/weights/fit/match.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "springbok/graph/build.h"
#include "tests/weights/helpers.h"

namespace springbok::weights {
namespace {

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
  tensors::StateDict dict = weights_of(graph);
  std::reverse(dict.begin(), dict.end());
  const Match result = match(graph, dict);
  EXPECT_TRUE(result.complete());
  ASSERT_EQ(result.pairs.size(), graph.params().size());
  for (const tensors::Pair& pair : result.pairs) EXPECT_EQ(graph.params()[pair.param].name, dict[pair.entry].first);
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
  tensors::StateDict dict = weights_of(graph);
  dict.erase(std::remove_if(dict.begin(), dict.end(), [](const auto& item) { return item.first == "fc.bias"; }),
             dict.end());
  dict.emplace_back("head.weight", tensors::thin({1}));
  for (auto& [name, tensor] : dict) {
    if (name == "fc.weight") tensor = tensors::thin({5, 4});
  }
  const Match result = match(graph, dict);
  EXPECT_FALSE(result.complete());
  EXPECT_EQ(result.missing, std::vector<std::string>{"fc.bias"});
  EXPECT_EQ(result.unexpected, std::vector<std::string>{"head.weight"});
  EXPECT_EQ(result.mismatched, std::vector<std::string>{"fc.weight"});
  EXPECT_EQ(
      report(result),
      "loaded 6 tensors, 1 missing (fc.bias), 1 unexpected (head.weight), 1 of another shape (fc.weight: the file "
      "has 5x4, the network wants 10x4)");
}

TEST(Match, ReportsFiveNamesAndCountsTheRest) {
  const Match result{
      .pairs = {}, .missing = {"a", "b", "c", "d", "e", "f", "g"}, .unexpected = {}, .mismatched = {}, .shapes = {}};
  EXPECT_EQ(report(result), "loaded 0 tensors, 7 missing (a, b, c, d, e, and 2 more)");
}

}  // namespace
}  // namespace springbok::weights
