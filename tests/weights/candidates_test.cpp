// Finding the networks that a file's tensors fit.
#include "springbok/weights/fit/candidates.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "springbok/base/text.h"
#include "springbok/weights/fit/naming.h"
#include "tests/weights/helpers.h"

namespace springbok::weights {
namespace {

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
  const zoo::ModelOptions options{.classes = 10, .channels = 1, .stem = zoo::Stem::small};
  const std::vector<Candidate> found = candidates(weights_of(zoo::build("resnet18", options), /*tracked=*/false), 1);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].model, "resnet18");
  EXPECT_TRUE(found[0].exact);
  EXPECT_EQ(found[0].options.classes, 10);
  EXPECT_EQ(found[0].options.channels, 1);
  EXPECT_EQ(found[0].options.stem, zoo::Stem::small);
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
  tensors::StateDict dict = weights_of(zoo::build("resnet50"));
  dict.pop_back();
  const std::vector<Candidate> found = candidates(dict);
  ASSERT_GE(found.size(), 2u);
  EXPECT_EQ(found[0].model, "resnet50");
  EXPECT_FALSE(found[0].exact);
  EXPECT_GT(found[0].share, 0.99);
  EXPECT_GE(found[0].share, found[1].share);
  EXPECT_TRUE(candidates({{"no.such.weight", tensors::thin({1})}}).empty());
}

TEST(Candidates, ModelsThatLookTheSameAreAllGiven) {
  std::vector<zoo::ModelInfo> models{zoo::find_model("resnet18"), zoo::find_model("resnet34")};
  for (int i = 0; i < 7; ++i) {
    models.push_back(models[0]);
    models.back().name = format("twin{}", i);
  }
  const std::vector<Candidate> found = candidates(weights_of(zoo::build("resnet18")), 1, models);
  ASSERT_EQ(found.size(), 8u);
  EXPECT_EQ(found[0].model, "resnet18");
  EXPECT_EQ(found[7].model, "twin6");
  for (const Candidate& candidate : found) EXPECT_TRUE(candidate.exact);
}

TEST(Candidates, OtherPublishersNamesAreSeen) {
  const graph::Graph graph = zoo::build("mobilenet_v2", {.classes = 7});
  tensors::StateDict dict = weights_of(graph);
  const std::vector<Naming> all = namings("mobilenet_v2", graph);
  ASSERT_EQ(all.size(), 2u);
  for (std::size_t i = 0; i < dict.size(); ++i) dict[i].first = all[1].keys[i];
  const std::vector<Candidate> found = candidates(dict, 1);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].model, "mobilenet_v2");
  EXPECT_EQ(found[0].naming, "timm");
  EXPECT_EQ(found[0].options.classes, 7);
  EXPECT_TRUE(found[0].exact);
  EXPECT_EQ(to_text(found[0]), "mobilenet_v2 (100 %, under timm's names)");
}

}  // namespace
}  // namespace springbok::weights
