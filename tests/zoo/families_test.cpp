// The families of torchvision, timm and ModelZoo. Published parameter counts where there is no golden file, the options
// that a family honours or refuses, and the names that the published code gives them.
#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "springbok/graph/cost.h"
#include "springbok/zoo/zoo.h"
#include "tests/support/message_of.h"

namespace springbok::zoo {
namespace {

using testing::message_of;

struct Counted {
  const char* model;
  std::int64_t params;
};

/// `num_params` of torchvision's weights.
TEST(Families, ParameterCountsAreTorchvisions) {
  for (const Counted& row : {Counted{"vgg11", 132863336},
                             {"vgg11_bn", 132868840},
                             {"vgg13", 133047848},
                             {"vgg13_bn", 133053736},
                             {"vgg16", 138357544},
                             {"vgg19", 143667240},
                             {"vgg19_bn", 143678248},
                             {"squeezenet1_0", 1248424},
                             {"squeezenet1_1", 1235496},
                             {"mnasnet0_5", 2218512},
                             {"mnasnet0_75", 3170208},
                             {"mnasnet1_3", 6282256},
                             {"shufflenet_v2_x0_5", 1366792},
                             {"shufflenet_v2_x1_5", 3503624},
                             {"shufflenet_v2_x2_0", 7393996},
                             {"mobilenet_v3_small", 2542856},
                             {"efficientnet_b2", 9109994},
                             {"efficientnet_b3", 12233232},
                             {"efficientnet_b4", 19341616},
                             {"efficientnet_b5", 30389784},
                             {"efficientnet_b6", 43040704},
                             {"regnet_x_800mf", 7259656},
                             {"regnet_x_1_6gf", 9190136},
                             {"regnet_x_3_2gf", 15296552},
                             {"regnet_x_8gf", 39572648},
                             {"regnet_x_16gf", 54278536},
                             {"regnet_x_32gf", 107811560},
                             {"regnet_y_800mf", 6432512},
                             {"regnet_y_1_6gf", 11202430},
                             {"regnet_y_3_2gf", 19436338},
                             {"regnet_y_8gf", 39381472},
                             {"regnet_y_16gf", 83590140},
                             {"regnet_y_32gf", 145046770},
                             {"regnet_y_128gf", 644812894},
                             {"resnext101_64x4d", 83455272},
                             {"wide_resnet101_2", 126886696}}) {
    EXPECT_EQ(graph::count_params(build(row.model)), row.params) << row.model;
  }
}

struct Rounded {
  const char* model;
  double millions;
};

/// As timm's tables print them.
TEST(Families, ParameterCountsAreTimms) {
  for (const Rounded& row : {Rounded{"efficientnet_lite1", 5.42},
                             {"efficientnet_lite2", 6.09},
                             {"efficientnet_lite3", 8.20},
                             {"efficientnet_lite4", 13.01},
                             {"ghostnet_050", 2.59},
                             {"ghostnet_130", 7.36},
                             {"resnest101e", 48.28},
                             {"resnest200e", 70.20},
                             {"regnet_x_200mf", 2.68},
                             {"regnet_x_600mf", 6.20},
                             {"regnet_x_4gf", 22.12},
                             {"regnet_x_6_4gf", 26.21},
                             {"regnet_x_12gf", 46.11},
                             {"regnet_y_200mf", 3.16},
                             {"regnet_y_600mf", 6.06},
                             {"regnet_y_4gf", 20.65},
                             {"regnet_y_6_4gf", 30.58},
                             {"regnet_y_12gf", 51.82}}) {
    EXPECT_NEAR(static_cast<double>(graph::count_params(build(row.model))) / 1e6, row.millions, 0.0051) << row.model;
  }
}

/// As bench/peers/small_nets.py has them in PyTorch.
TEST(Families, ParameterCountsOfTheSprintNetsAreTheirPeers) {
  for (const Counted& row : {Counted{"sprint32", 611976}, {"sprint48", 1276888}, {"sprint64", 2181416}}) {
    EXPECT_EQ(graph::count_params(build(row.model)), row.params) << row.model;
  }
  EXPECT_EQ(message_of<UsageError>([] { build("sprint32", {.stem = Stem::small}); }),
            "sprint: has no small stem; leave out --stem");
}

/// An octave net has its plain twin's weights, at less work.
TEST(Families, OctavesKeepTheWeights) {
  const graph::Cost plain = graph::cost(build("resnet50"), 224, 224);
  for (const char* name : {"oct_resnet50_alpha0_125", "oct_resnet50_alpha0_25", "oct_resnet50_alpha0_5"}) {
    const graph::Cost octave = graph::cost(build(name), 224, 224);
    EXPECT_EQ(octave.params, plain.params) << name;
    EXPECT_LT(octave.macs, plain.macs) << name;
  }
}

TEST(Families, OctavesTakeOddSizes) {
  const graph::Graph graph = build("oct_resnet50_alpha0_25", {.classes = 7});
  for (const std::int64_t size : {65, 97, 225}) {
    const auto shapes = graph::infer(graph, {1, 3, size, size + 6});
    EXPECT_EQ(shapes[graph.output()], (graph::Shape{1, 7}));
  }
}

TEST(Families, SmallStemKeepsTheSize) {
  for (const char* name : {"mobilenet_v2", "efficientnet_b0", "shufflenet_v2_x1_0", "resnest50d", "regnet_y_400mf"}) {
    const graph::Graph graph = build(name, {.classes = 10, .channels = 1, .stem = Stem::small});
    EXPECT_EQ(graph::infer(graph, {1, 1, 32, 32})[1][2], 32) << name;
  }
}

TEST(Families, OptionsWithoutAPlaceAreRefused) {
  EXPECT_EQ(message_of<UsageError>([] { build("vgg16", {.stem = Stem::small}); }),
            "vgg: has no small stem; leave out --stem");
  EXPECT_EQ(message_of<UsageError>([] { build("resnet50v2", {.zero_gamma = true}); }),
            "resnet50v2: no residual branch ends in a norm; leave out --zero-gamma");
}

TEST(Families, PublishedNamesFindTheirModel) {
  const auto name = [](const char* factory, const char* kwargs = "{}") {
    return model_for_factory("PistonY/ModelZoo.pytorch", factory, kwargs);
  };
  EXPECT_EQ(name("models.regnet:RegNetX1_6GF"), "modelzoo/regnet_x_1_6gf");
  EXPECT_EQ(name("models:oct_resnet50", R"({"alpha":0.5})"), "modelzoo/oct_resnet50_alpha0_5");
  EXPECT_EQ(name("models.oct_resnet:oct_resnet50v2", R"({"alpha":0.125})"), "oct_resnet50v2_alpha0_125");
  EXPECT_EQ(name("models:resnet101v2"), "modelzoo/resnet101v2");
  EXPECT_EQ(name("models:resnet50v2"), "resnet50v2");
  EXPECT_EQ(name("models:EfficientNet_B3"), "modelzoo/efficientnet_b3");
}

}  // namespace
}  // namespace springbok::zoo
