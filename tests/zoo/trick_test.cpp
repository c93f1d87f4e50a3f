// The builders' options on the whole zoo: every network takes them and still has its shape, or says why it cannot.
#include "springbok/zoo/trick.h"

#include <gtest/gtest.h>

#include <set>

#include "springbok/base/error.h"
#include "springbok/graph/cost.h"
#include "tests/support/message_of.h"

namespace springbok::zoo {
namespace {

using testing::message_of;

/// Builds every network with the option and returns the names of those that refuse it, which must say how to go on.
std::set<std::string> refusing(const ModelOptions& options, const std::string& flag) {
  std::set<std::string> refused;
  for (const ModelInfo& model : models()) {
    try {
      const graph::Graph graph = build(model.name, options);
      const auto shapes = graph::infer(graph, {1, 3, model.input, model.input});
      EXPECT_EQ(shapes[graph.output()][1], 1000) << model.name;
      std::set<std::string> keys;
      for (const graph::Param& param : graph.params())
        EXPECT_TRUE(keys.insert(param.name).second) << model.name << " " << param.name;
    } catch (const UsageError& error) {
      EXPECT_TRUE(std::string(error.what()).ends_with("leave out " + flag)) << error.what();
      refused.insert(model.family);
    }
  }
  return refused;
}

using Families = std::set<std::string>;

/// An EvoNorm is its own activation.
TEST(Tricks, EveryNetworkWithActivationsTakesOthers) {
  EXPECT_EQ(refusing({.activation = ActivationChoice::hswish}, "--activation"), (Families{"EvoNorm ResNet"}));
}

TEST(Tricks, EveryNetworkWithNormsTakesOthers) {
  const Families plain{"AlexNet", "SqueezeNet", "VGG"};
  Families evo = plain;
  evo.insert("EvoNorm ResNet");
  EXPECT_EQ(refusing({.norm = NormChoice::bn}, "--norm"), plain);
  for (const NormChoice norm : {NormChoice::syncbn, NormChoice::switchnorm, NormChoice::evonorm, NormChoice::frozen}) {
    EXPECT_EQ(refusing({.norm = norm}, "--norm"), evo) << static_cast<int>(norm);
  }
}

TEST(Tricks, ResidualNetworksDropPathsAndBlocks) {
  const Families plain{"AlexNet",   "DenseNet",      "Elastic DenseNet", "GoogLeNet", "Inception v3",
                       "MobileNet", "ShuffleNet v2", "SqueezeNet",       "VGG"};  // of MobileNet, the first version
  EXPECT_EQ(refusing({.drop_path = 0.2}, "--drop-path"), plain);
  EXPECT_EQ(refusing({.drop_block = 0.1}, "--drop-block"), plain);
}

TEST(Tricks, PoolingAndConvolutionsAreReplacedWhereThereAreAny) {
  const Families without_pooling = refusing({.lip = true}, "--lip");
  EXPECT_FALSE(without_pooling.contains("ResNet"));
  EXPECT_TRUE(without_pooling.contains("MobileNet"));
  const Families without_convolutions = refusing({.deformable = true}, "--deformable");
  EXPECT_FALSE(without_convolutions.contains("ResNeXt"));
  EXPECT_TRUE(without_convolutions.contains("MobileNet"));  // depthwise ones stay
}

/// Everything at once, with weights and multiply-accumulates that come from the tricks alone.
TEST(Tricks, ResNetTakesAllTogether) {
  const graph::Graph graph = build("resnet50", {.zero_gamma = true,
                                                .activation = ActivationChoice::swish,
                                                .norm = NormChoice::switchnorm,
                                                .drop_path = 0.1,
                                                .drop_block = 0.1,
                                                .lip = true,
                                                .deformable = true});
  std::int64_t offsets = 0;
  for (const std::int64_t blocks : {4 * 128, 6 * 256, 3 * 512}) offsets += blocks * 27 * 9;
  offsets += 13 * 27;
  const std::int64_t pooling = 64 * 64 * 9 + 2 * 64;
  const std::int64_t mixing = 53 * 6;
  EXPECT_EQ(graph::count_params(graph), graph::count_params(build("resnet50")) + offsets + pooling + mixing);
}

TEST(Tricks, WhatCannotChangeIsSaid) {
  EXPECT_EQ(message_of<UsageError>([] { build("vgg16", {.norm = NormChoice::syncbn}); }),
            "vgg16: has no batch norm to replace; leave out --norm");
  EXPECT_EQ(message_of<UsageError>([] { build("densenet121", {.drop_path = 0.1}); }),
            "densenet121: has no residual blocks; leave out --drop-path");
  EXPECT_EQ(message_of<UsageError>([] { build("mobilenet_v2", {.lip = true}); }),
            "mobilenet_v2: has no max pooling to replace; leave out --lip");
}

/// By the layer's definition: projections, their norms, 16 x 15 x 15 weights of positions and 16 biases.
TEST(Tricks, LambdaLayersReplaceTheConvolutions) {
  std::int64_t saved = 0;
  const auto layer = [](std::int64_t c) { return c * 64 + c * 16 + c * c / 4 + 2 * (64 + c / 4) + 16 * 225 + 16; };
  for (const auto& [channels, blocks] : {std::pair<std::int64_t, std::int64_t>{64, 3}, {128, 4}, {256, 6}, {512, 3}}) {
    saved += blocks * (channels * channels * 9 + 2 * channels - layer(channels));  // and the norm behind each
  }
  EXPECT_EQ(graph::count_params(build("lambda_resnet50")), graph::count_params(build("resnet50")) - saved);
}

}  // namespace
}  // namespace springbok::zoo
