// Other publishers' key names: rules, and the names that timm's and torchvision's own code gives.
#include "springbok/weights/fit/naming.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "springbok/base/rng.h"
#include "springbok/base/text.h"
#include "springbok/graph/build.h"
#include "springbok/tensors/convert.h"
#include "springbok/weights/fit/key_map.h"
#include "springbok/weights/fit/match.h"
#include "springbok/zoo/zoo.h"
#include "tests/weights/helpers.h"

namespace springbok::weights {
namespace {

nlohmann::json published() {
  std::ifstream file(std::string(SPRINGBOK_SOURCE_DIR) + "/tests/weights/fixtures/published.json");
  return nlohmann::json::parse(file);
}

/// The naming's keys as make_published.py hashes a state dict.
std::string digest(const Naming& naming, const graph::Graph& graph) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < naming.keys.size(); ++i) {
    const graph::Param& param = graph.params()[i];
    if (!param.integer) lines.push_back(format("{}:{}\n", naming.keys[i], param.elements()));
  }
  std::sort(lines.begin(), lines.end());
  return format("{:016x}", fnv1a64(join(lines, "")));
}

TEST(Naming, GivesEveryNameOfThePublishersOwnCode) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& row : published()) {
    const std::string model = row["model"], publisher = row["publisher"];
    if (model == "googlenet" || model == "inception_v3") continue;  // they have more than the network: below
    const graph::Graph graph = zoo::build(model);
    const std::vector<Naming> all = namings(model, graph);
    const auto naming =
        std::find_if(all.begin(), all.end(), [&](const Naming& candidate) { return candidate.name == publisher; });
    ASSERT_NE(naming, all.end()) << model;
    EXPECT_EQ(digest(*naming, graph), row["fnv1a64"].get<std::string>())
        << model << " under " << publisher << "'s names";
    seen.emplace(publisher, model);
  }
  EXPECT_GT(seen.size(), 40u);
}

TEST(Naming, AuxiliaryClassifiersInPublishedFilesAreIgnoredByName) {
  for (const char* model : {"googlenet", "inception_v3"}) {
    const graph::Graph graph = zoo::build(model);
    tensors::StateDict dict = weights_of(graph);
    const std::string surplus = model == std::string("googlenet") ? "aux1.fc1.bias" : "AuxLogits.fc.bias";
    dict.emplace_back(surplus, tensors::thin({4}));
    const Fit found = fit(model, graph, dict);
    EXPECT_TRUE(found.match.complete()) << model;
    EXPECT_EQ(found.match.ignored, std::vector<std::string>{surplus});
    EXPECT_EQ(report(found.match), format("loaded {} tensors, 1 ignored ({})", dict.size() - 1, surplus));
    dict.emplace_back("other.bias", tensors::thin({4}));
    EXPECT_EQ(fit(model, graph, dict).match.unexpected, std::vector<std::string>{"other.bias"});
  }
}

/// allenai/elastic's "fake resume" (segment.py) and torchvision's `weights_backbone`, by their own names of both.
TEST(Naming, NetworksOfPixelsTakeAClassifiersTrunk) {
  const std::vector<std::pair<const char*, const char*>> rows{{"resnet50", "deeplabv3_resnet50"},
                                                              {"mobilenet_v3_large", "deeplabv3_mobilenet_v3_large"},
                                                              {"resnext50_elastic", "resnext50_elastic_seg"},
                                                              {"dla60x_elastic", "dla60x_elastic_seg"},
                                                              {"efficientnet_lite0", "efficientnet_lite0_seg"},
                                                              {"resnext_small_elastic", "resnext_small_elastic_seg"}};
  for (const auto& [images, pixels] : rows) {
    const graph::Graph graph = zoo::build(pixels, {.classes = 21});
    const Match found = fit(pixels, graph, weights_of(zoo::build(images))).match;
    EXPECT_TRUE(found.unexpected.empty()) << pixels << ": " << report(found);
    EXPECT_TRUE(found.mismatched.empty()) << pixels << ": " << report(found);
    std::size_t trunk = 0;
    for (const graph::Param& param : graph.params()) trunk += !zoo::behind_trunk(param.name);
    EXPECT_EQ(found.pairs.size(), trunk) << pixels << ": " << report(found);
    EXPECT_TRUE(std::all_of(found.missing.begin(), found.missing.end(), zoo::behind_trunk)) << pixels;
    EXPECT_FALSE(found.missing.empty()) << pixels;
  }
}

TEST(KeyRules, NumbersAreTakenOverAndCounted) {
  constexpr KeyRule kRules[] = {{"a.0", "first"}, {"a.#.b#", "x$2.$1-1.y"}, {"a.#", "s$1+1"}, {"a", "whole"}};
  EXPECT_EQ(rename_key(kRules, "a.0.weight"), "first.weight");
  EXPECT_EQ(rename_key(kRules, "a.12.b3.weight"), "x3.11.y.weight");
  EXPECT_EQ(rename_key(kRules, "a.7"), "s8");
  EXPECT_EQ(rename_key(kRules, "a.bias"), "whole.bias");
  EXPECT_EQ(rename_key(kRules, "ab.weight"), "ab.weight");
  EXPECT_EQ(rename_key(kRules, "a.1234567.weight"), "whole.1234567.weight");
  EXPECT_EQ(rename_key(kRules, ""), "");
}

graph::Graph linear_network() {
  graph::Graph graph;
  const graph::Scope root{&graph, ""};
  const graph::Value x = graph::flatten(graph::global_pool(graph::input(graph, 6)));
  graph::output(graph::linear(root / "fc", x, {.out = 2}));
  return graph;
}

TEST(Rename, AMatrixMayBeAKernelAndTheReverse) {
  const graph::Graph graph = linear_network();
  const Naming naming{.name = "other", .keys = {"head.weight", "head.bias"}};
  const tensors::StateDict dict{{"head.weight", tensors::counting({2, 3, 2, 1})},
                                {"head.bias", tensors::counting({2})}};
  const Renamed renamed = rename(graph, naming, dict);
  EXPECT_EQ(renamed.renamed, 2u);
  ASSERT_EQ(renamed.dict.size(), 2u);
  EXPECT_EQ(renamed.dict[0].first, "fc.weight");
  EXPECT_EQ(renamed.dict[0].second.shape, (std::vector<std::int64_t>{2, 6}));
  std::vector<double> values(12);
  to_doubles(renamed.dict[0].second, values);
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], static_cast<double>(i));
}

TEST(Rename, OtherShapesStayAndAreTold) {
  const graph::Graph graph = linear_network();
  const Naming naming{.name = "other", .keys = {"head.weight", "head.bias"}};
  const std::int64_t huge = std::int64_t{1} << 62;
  for (const auto& shape :
       std::vector<std::vector<std::int64_t>>{{2, 7, 1, 1}, {3, 6, 1, 1}, {2, 6, 0, 1}, {2, huge, 4, 1}}) {
    const Renamed renamed = rename(graph, naming, {{"head.weight", tensors::thin(shape)}});
    EXPECT_EQ(renamed.dict[0].second.shape, shape);
    EXPECT_EQ(match(graph, renamed.dict).mismatched, std::vector<std::string>{"fc.weight"});
  }
}

TEST(Rename, ATensorUnderBothNamesIsTold) {
  const graph::Graph graph = linear_network();
  const Naming naming{.name = "other", .keys = {"head.weight", "head.bias"}};
  const Renamed renamed =
      rename(graph, naming, {{"fc.weight", tensors::thin({2, 6})}, {"head.weight", tensors::thin({2, 6})}});
  EXPECT_EQ(match(graph, renamed.dict).unexpected, std::vector<std::string>{"fc.weight"});
}

}  // namespace
}  // namespace springbok::weights
