// Costs counted by hand, and the printed forms of a network.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "springbok/graph/build.h"
#include "springbok/graph/print.h"

namespace springbok::graph {
namespace {

Graph small() {
  Graph graph;
  const Scope root{&graph, ""};
  Value x =
      relu(norm(root / "bn", conv(root / "conv", input(graph, 4), {.out = 8, .kernel = 3, .stride = 2, .groups = 2})));
  output(linear(root / "fc", flatten(global_pool(x)), {.out = 10}));
  return graph;
}

TEST(Cost, CountsByHand) {
  const Cost total = cost(small(), 16, 16);
  EXPECT_EQ(total.params, 8 * 2 * 9 + 16 + 8 * 10 + 10);
  const std::int64_t conv = 8 * 8 * 8 * 2 * 9;
  EXPECT_EQ(total.macs, conv + 80);
  EXPECT_EQ(total.elastic_flops, conv + 80 + 2 * 512 + 512);
  EXPECT_EQ(total.params, count_params(small()));
}

TEST(Cost, CountsParametersThatNoLayerRunsAndCallsThatTheCounterDoesNotSee) {
  Graph graph;
  const Scope root{&graph, ""};
  const Value x = input(graph, 4);
  unused_conv(root / "unused", 4, {.out = 2, .bias = true});
  const Value seen = relu(x);
  const Value hidden = counted(relu(seen), 0);
  output(counted(global_pool(hidden), 1));
  const Cost total = cost(graph, 3, 3);
  EXPECT_EQ(total.params, 10);
  EXPECT_EQ(total.macs, 0);
  EXPECT_EQ(total.elastic_flops, 36 + 0 + 36);
}

TEST(Print, JsonTotalsAreTheSumsOfItsLayers) {
  const Graph graph = small();
  const auto json = summary_json(graph, cost(graph, 16, 16));
  std::int64_t macs = 0;
  for (const auto& layer : json["layers"]) macs += layer["macs"].get<std::int64_t>();
  EXPECT_EQ(json["macs"], macs);
  EXPECT_EQ(json["layers"][1]["layer"], "conv");
}

TEST(Print, DiagramNamesEveryNodeAndEdge) {
  const std::string dot = diagram(small(), "small");
  EXPECT_NE(dot.find("digraph \"small\""), std::string::npos);
  EXPECT_NE(dot.find("n0 -> n1;"), std::string::npos);
  EXPECT_NE(dot.find("4 -> 8, 3x3, stride 2, pad 1, groups 2"), std::string::npos);
}

}  // namespace
}  // namespace springbok::graph
