// The table of models: every graph builds and has the published counts; names and options that are wrong are said.
#include "springbok/zoo/zoo.h"

#include <gtest/gtest.h>

#include <set>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/graph/cost.h"
#include "springbok/zoo/models_document.h"

namespace springbok::zoo {
namespace {

graph::Shape output_shape(const graph::Graph& graph, std::int64_t height, std::int64_t width) {
  return graph::infer(graph, {1, 3, height, width})[graph.output()];
}

TEST(Zoo, NamesAndKeysAreUniqueAndEveryGraphInfers) {
  std::set<std::string> names;
  for (const ModelInfo& model : models()) {
    EXPECT_TRUE(names.insert(model.name).second) << model.name;
    const graph::Graph graph = build(model.name);
    std::set<std::string> keys;
    for (const graph::Param& param : graph.params())
      EXPECT_TRUE(keys.insert(param.name).second) << model.name << " " << param.name;
    graph::Shape wanted{1, 1000};
    if (model.task == Task::segment) wanted.insert(wanted.end(), {model.input, model.input});
    EXPECT_EQ(output_shape(graph, model.input, model.input), wanted) << model.name;
  }
}

TEST(Zoo, AccuraciesArePercentAndSayWhoStatesThem) {
  for (const ModelInfo& model : models()) {
    EXPECT_TRUE(model.top1 == 0 || (model.top1 > 50 && model.top1 < 100)) << model.name;
    EXPECT_TRUE(model.top5 == 0 || (model.top5 > model.top1 && model.top5 < 100)) << model.name;
    EXPECT_EQ(accuracy_source(model).empty(), model.top1 == 0) << model.name;
    EXPECT_TRUE(model.top1 > 0 || model.accuracy_from.empty()) << model.name;
  }
  EXPECT_EQ(accuracy_source(find_model("resnet50")), "torchvision");
  EXPECT_EQ(accuracy_source(find_model("resnext50_elastic")), "paper");
}

TEST(Zoo, ModelsPageIsUpToDate) {
  EXPECT_TRUE(read_text(SPRINGBOK_SOURCE_DIR "/docs/models.md") == models_document())
      << "run: build/springbok models list --markdown > docs/models.md";
}

/// Odd input sizes: an elastic block pads, halves, restores and crops.
TEST(Zoo, ElasticNetsTakeAnySize) {
  for (const char* name : {"resnext50_elastic", "dla60x", "dla60x_elastic", "dla102x_elastic", "elastic/densenet201",
                           "densenet201_elastic"}) {
    const graph::Graph graph = build(name);
    for (const std::int64_t size : {33, 64, 97, 200, 225, 448}) {
      EXPECT_EQ(output_shape(graph, size, size + 6), (graph::Shape{1, 1000})) << name << " at " << size;
    }
  }
}

/// A map for each pixel of the input; DLAUp's loses a row and a column where the size is even, as published.
TEST(Zoo, SegmentationNetsTakeAnySize) {
  const graph::Graph deeplab = build("resnext50_elastic_seg", {.classes = 21});
  const graph::Graph dla = build("dla60x_elastic_seg", {.classes = 21});
  for (const std::int64_t size : {33, 97, 128, 225}) {
    EXPECT_EQ(output_shape(deeplab, size, size + 5), (graph::Shape{1, 21, size, size + 5}));
    const std::int64_t odd = size - (size + 1) % 2;
    const std::int64_t odd_width = size + 5 - (size + 6) % 2;
    EXPECT_EQ(output_shape(dla, size, size + 5), (graph::Shape{1, 21, odd, odd_width}));
  }
}

TEST(Zoo, DeepLabV3AndSmallNetsTakeAnySize) {
  for (const char* name : {"deeplabv3_resnet50", "deeplabv3_mobilenet_v3_large", "resnext_small_seg",
                           "resnext_small_elastic_seg", "efficientnet_lite0_seg"}) {
    const graph::Graph graph = build(name, {.classes = 7, .dropout = 0.5});
    for (const std::int64_t size : {33, 97, 128, 161}) {
      EXPECT_EQ(output_shape(graph, size, size + 5), (graph::Shape{1, 7, size, size + 5})) << name;
    }
  }
}

/// The twins have the same weights, and the elastic one computes less.
TEST(Zoo, SmallNetsDifferInTheirScalesAlone) {
  for (const std::string kind : {"", "_seg"}) {
    const graph::Graph plain = build("resnext_small" + kind, {.classes = 21});
    const graph::Graph elastic = build("resnext_small_elastic" + kind, {.classes = 21});
    ASSERT_EQ(plain.params().size(), elastic.params().size());
    for (graph::ParamId id = 0; id < static_cast<graph::ParamId>(plain.params().size()); ++id) {
      EXPECT_EQ(plain.param(id).name, elastic.param(id).name);
      EXPECT_EQ(plain.param(id).shape, elastic.param(id).shape);
    }
    EXPECT_LT(graph::cost(elastic, 128, 128).macs, graph::cost(plain, 128, 128).macs);
    EXPECT_LT(graph::cost(plain, 128, 128).macs, 100'000'000);
  }
}

/// torchvision's `aux_loss`: its parameters come last, and only training computes it.
TEST(Zoo, DeepLabV3HasASecondClassifierWhenAsked) {
  const graph::Graph without = build("deeplabv3_resnet50", {.classes = 21});
  const graph::Graph with = build("deeplabv3_resnet50", {.classes = 21, .aux_head = true});
  EXPECT_EQ(without.auxiliary(), -1);
  ASSERT_GT(with.auxiliary(), with.output());
  EXPECT_EQ(graph::infer(with, {2, 3, 65, 57})[with.auxiliary()], (graph::Shape{2, 21, 65, 57}));
  for (graph::NodeId id = with.output() + 1; id <= with.auxiliary(); ++id) EXPECT_TRUE(with.node(id).effect_only);
  EXPECT_EQ(with.params().back().name, "aux_classifier.4.bias");
  EXPECT_EQ(without.params().back().name, "classifier.4.bias");
}

/// Only the projections of the lowest trees are read; the others are kept for their statistics alone.
TEST(Zoo, DlaKeepsItsUnreadProjections) {
  const graph::Graph graph = build("dla60x");
  std::set<std::string> unread;
  for (const graph::Node& node : graph.nodes()) {
    if (node.effect_only && !node.path.empty()) unread.insert(node.path);
  }
  EXPECT_EQ(unread, (std::set<std::string>{"level3.project.0", "level3.project.1", "level4.project.0",
                                           "level4.project.1", "level4.tree1.project.0", "level4.tree1.project.1"}));
}

struct Published {
  const char* model;
  double millions;  ///< of parameters, as the papers print them: Wang et al. 2019, table 1; He et al. 2016, table 6
  std::int64_t classes;
};

TEST(Zoo, ParameterCountsAreThePublishedOnes) {
  for (const Published& row : {Published{"resnext50", 25.0, 1000},
                               {"resnext50_elastic", 25.2, 1000},
                               {"se_resnext50", 27.6, 1000},
                               {"densenet121", 7.98, 1000},
                               {"densenet161", 28.68, 1000},
                               {"densenet169", 14.15, 1000},
                               {"densenet201", 20.01, 1000},
                               {"resnet20", 0.27, 10},
                               {"resnet32", 0.46, 10},
                               {"resnet44", 0.66, 10},
                               {"resnet56", 0.85, 10}}) {
    const double millions = static_cast<double>(graph::count_params(build(row.model, {.classes = row.classes}))) / 1e6;
    EXPECT_NEAR(millions, row.millions, row.classes == 10 ? 0.0051 : 0.051) << row.model;
  }
}

/// The elastic nets were given the blocks that the low resolution saved: about the same multiply-accumulates.
TEST(Zoo, ElasticNetsSpendWhatTheirPlainOnesDo) {
  for (const std::string name : {"resnext50", "resnext101", "se_resnext50"}) {
    const auto plain = static_cast<double>(graph::cost(build(name), 224, 224).macs);
    const auto elastic = static_cast<double>(graph::cost(build(name + "_elastic"), 224, 224).macs);
    EXPECT_NEAR(elastic / plain, 1, 0.03) << name;
  }
}

/// The elastic twin has the same convolution weights and fewer multiply-accumulates.
TEST(Zoo, ElasticTwinCostsLess) {
  const graph::Cost plain = graph::cost(build("resnet20"), 28, 28);
  const graph::Cost elastic = graph::cost(build("resnet20_elastic"), 28, 28);
  EXPECT_LT(elastic.macs, plain.macs);
  EXPECT_NEAR(static_cast<double>(elastic.params) / static_cast<double>(plain.params), 1, 0.01);
}

TEST(Zoo, SmallStemKeepsTheSize) {
  const graph::Graph graph = build("resnet18", {.classes = 10, .channels = 1, .stem = Stem::small});
  EXPECT_EQ(graph::infer(graph, {1, 1, 28, 28})[1], (graph::Shape{1, 64, 28, 28}));
}

template <class F>
std::string usage_error_of(F run) {
  try {
    run();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(Zoo, WrongNamesAndOptionsAreSaid) {
  EXPECT_EQ(usage_error_of([] { build("resnet_50"); }),
            "there is no model 'resnet_50' (did you mean 'resnet50'?); see 'springbok models list'");
  EXPECT_EQ(usage_error_of([] { build("resnet20", {.stem = Stem::small}); }),
            "resnet20: has the small stem already; leave out --stem");
  EXPECT_EQ(usage_error_of([] { build("dla60x", {.stem = Stem::small}); }),
            "dla60x: its stem keeps the full resolution already; leave out --stem");
  EXPECT_EQ(usage_error_of([] { build("densenet121", {.zero_gamma = true}); }),
            "densenet121: has no residual branches; leave out --zero-gamma");
  EXPECT_EQ(usage_error_of([] { build("resnext50_seg", {.dropout = 0.1}); }),
            "resnext50_seg: has no dropout; leave out --dropout");
  EXPECT_EQ(usage_error_of([] { build("resnet18", {.aux_head = true}); }),
            "resnet18: has no second classifier; leave out --aux-head");
  EXPECT_EQ(usage_error_of([] { build("resnet18", {.classes = 0}); }),
            "resnet18: the number of classes must be at least 1, got 0");
}

TEST(Zoo, GoldenFactoriesHaveTheirModels) {
  EXPECT_EQ(model_for_factory("allenai/elastic", "models:densenet201", "{}"), "elastic/densenet201");
  EXPECT_EQ(model_for_factory("pytorch/vision", "torchvision.models:densenet201", "{}"), "densenet201");
  EXPECT_EQ(model_for_factory("allenai/elastic", "models:resnext50", R"({"seg": true, "num_classes": 21})"),
            "resnext50_seg");
  EXPECT_EQ(model_for_factory("allenai/elastic", "models:dla60x_seg", R"({"classes": 21})"), "dla60x_seg");
  EXPECT_EQ(model_for_factory("allenai/elastic", "models:resnext50", R"({"unheard_of": 1})"), "");
  EXPECT_EQ(model_for_factory("pytorch/vision", "torchvision.models.segmentation:deeplabv3_resnet101",
                              R"({"num_classes": 21, "aux_loss": true, "weights": null})"),
            "deeplabv3_resnet101");
}

}  // namespace
}  // namespace springbok::zoo
