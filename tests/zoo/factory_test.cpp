// Published factories by rule: any width, share, depth and grouping of the two sources, and words for what is not
// known.
#include "springbok/zoo/factory.h"

#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "springbok/graph/cost.h"
#include "tests/support/message_of.h"

namespace springbok::zoo {
namespace {

using testing::message_of;

FactoryModel modelzoo(const std::string& name, const std::string& kwargs = "{}") {
  return factory_model("PistonY/ModelZoo.pytorch", "models:" + name, kwargs);
}

std::int64_t parameters(const FactoryModel& found) {
  return graph::count_params(build(found));
}

/// The counts are those that the published code gives (its own class, `sum(p.numel() for p in parameters())`), or
/// follow from its table.
TEST(Factory, GhostNetsOfAnyWidth) {
  EXPECT_EQ(modelzoo("GhostNet", R"({"width": 1.3})").model.name, "modelzoo/ghostnet_width1_3");
  EXPECT_EQ(parameters(modelzoo("GhostNet", R"({"width": 1.3})")), parameters(modelzoo("GhostNet")));
  EXPECT_EQ(parameters(modelzoo("GhostNet", R"({"width": 1.0})")), graph::count_params(build("ghostnet_100")))
      << "timm's has the same layers under other keys";
  EXPECT_EQ(parameters(modelzoo("GhostNet", R"({"width": 0.5})")), graph::count_params(build("ghostnet_050")));
  EXPECT_GT(parameters(modelzoo("GhostNet600", R"({"width": 2})")), parameters(modelzoo("GhostNet600")));
}

TEST(Factory, NumbersInNamesAndArguments) {
  const auto grouped = modelzoo("resnet50", R"({"groups": 32, "width_per_group": 4, "num_classes": 10})");
  EXPECT_EQ(parameters(grouped), graph::count_params(build("resnext50_32x4d", {.classes = 10})));
  EXPECT_EQ(parameters(modelzoo("EfficientNet_B1")), parameters(modelzoo("EfficientNet_B2")));
  EXPECT_NEAR(static_cast<double>(parameters(modelzoo("EfficientNet_B7"))), 17.7e6, 0.05e6);
  EXPECT_EQ(parameters(modelzoo("evo_resnet34")), graph::count_params(build("evo_resnet50")));
  EXPECT_EQ(modelzoo("LambdaResnet34").model.name, "lambda_resnet50");
  EXPECT_EQ(parameters(modelzoo("evo_resnet50", R"({"evo_norm": false})")),
            graph::count_params(build("evo_resnet50_bn")));
  EXPECT_EQ(parameters(modelzoo("oct_resnet101", R"({"alpha": 0.25})")),
            parameters(modelzoo("oct_resnet50", R"({"alpha": 0.25})")))
      << "two blocks a stage, whatever the name";
  EXPECT_EQ(modelzoo("oct_resnet50", R"({"alpha": 0.375})").model.name, "modelzoo/oct_resnet50_alpha0_375");
  EXPECT_NO_THROW(parameters(modelzoo("oct_resnet50", R"({"alpha": 0.375})")));
  EXPECT_NO_THROW(parameters(modelzoo("resnext101v2_32x8d")));
}

TEST(Factory, OptionsOfTheNetworks) {
  const FactoryModel small = modelzoo("resnet18", R"({"small_input": true, "activation": "h_swish", "classes": 7})");
  EXPECT_EQ(small.options.stem, Stem::small);
  EXPECT_EQ(small.options.activation, ActivationChoice::hswish);
  EXPECT_EQ(small.options.classes, 7);
  EXPECT_NO_THROW(modelzoo("MobileNetV3_Small", R"({"small_input": false, "dropout": 0.8, "norm_layer": null})"));
}

TEST(Factory, Elastics) {
  const auto elastic = [](const std::string& name, const std::string& kwargs) {
    return factory_model("allenai/elastic", "models:" + name, kwargs);
  };
  EXPECT_EQ(elastic("dla102x_elastic", R"({"num_classes": 5, "pool_size": 2})").model.name, "dla102x_elastic");
  EXPECT_EQ(elastic("resnext101_elastic", R"({"seg": true})").model.name, "resnext101_elastic_seg");
  EXPECT_EQ(elastic("se_resnext50_elastic", R"({"seg": true})").model.name, "se_resnext50_elastic_seg");
  EXPECT_NO_THROW(parameters(elastic("se_resnext50", R"({"seg": true, "num_classes": 21})")));
  const auto slim = elastic("densenet201", R"({"growth_rate": 16, "compression": 0.4, "small_inputs": true})");
  EXPECT_LT(parameters(slim), parameters(elastic("densenet201", R"({"efficient": false})")));
}

TEST(Factory, WhatIsNotKnownIsNamed) {
  EXPECT_EQ(message_of<UsageError>([] { modelzoo("GhostNetA", R"({"width": 2})"); }),
            "models:GhostNetA: the argument 'width' is not known");
  EXPECT_EQ(message_of<UsageError>([] { modelzoo("GhostNet", R"({"width": "wide"})"); }),
            "models:GhostNet: width: expects a number, got \"wide\"");
  EXPECT_EQ(message_of<UsageError>([] { modelzoo("resnet50", R"({"activation": "mish"})"); }),
            "models:resnet50: activation = \"mish\" is not known");
  EXPECT_EQ(message_of<UsageError>([] { modelzoo("oct_resnet50"); }),
            "models:oct_resnet50: needs its argument 'alpha'");
  EXPECT_EQ(message_of<UsageError>([] { modelzoo("Unheard"); }),
            "models:Unheard: a factory of PistonY/ModelZoo.pytorch that is not known");
  EXPECT_EQ(
      message_of<UsageError>([] { factory_model("allenai/elastic", "models:dla60x_seg", R"({"down_ratio": 4})"); }),
      "models:dla60x_seg: down_ratio = 4 is not known");
  EXPECT_EQ(message_of<UsageError>([] { modelzoo("resnet50", "[1]"); }),
            "models:resnet50: its arguments are a JSON object");
}

}  // namespace
}  // namespace springbok::zoo
