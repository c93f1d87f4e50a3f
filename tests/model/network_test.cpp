// Other programs' checkpoints are opened as their bare weights are.
#include "springbok/model/network.h"

#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "tests/support/message_of.h"

namespace springbok::model {
namespace {

using springbok::testing::message_of;
using tensors::Dict;
using tensors::Value;

/// A ResNet-20's state dict, its names behind `prefix`.
Dict weights_of(std::int64_t classes, const std::string& prefix = "") {
  const graph::Graph graph = zoo::build("resnet20", {.classes = classes});
  const engine::State state = engine::initialise(graph, 1);
  Dict dict;
  for (const auto& [name, tensor] : engine::state_dict(graph, state)) dict.emplace_back(prefix + name, Value{tensor});
  return dict;
}

tensors::File file_of(const Dict& root) {
  return {.kind = "zip", .root = {root}, .metadata = {}, .name = "x.pth", .mapped = {}};
}

/// What torchvision's reference scripts, DeiT and others save.
Dict reference_checkpoint() {
  return {{"model", Value{weights_of(10)}},
          {"optimizer", Value{Dict{}}},
          {"lr_scheduler", Value{Dict{}}},
          {"epoch", Value{std::int64_t{3}}},
          {"args", Value{tensors::Opaque{"argparse.Namespace"}}}};
}

TEST(Network, ARootThatNamesItsWeightsModelIsNoCard) {
  const tensors::File file = file_of(reference_checkpoint());
  EXPECT_FALSE(card_of(file).has_value());
  for (const OpenSettings& settings :
       {OpenSettings{}, OpenSettings{.model = "resnet20"}, OpenSettings{.entry = "model"}}) {
    const Described found = open_weights(file, settings);
    EXPECT_EQ(found.card.model, "resnet20");
    EXPECT_EQ(found.card.options.classes, 10);
    EXPECT_EQ(found.card.classes.size(), 10u);
    EXPECT_FALSE(found.named_itself);
    EXPECT_TRUE(found.weights.fit.match.complete());
  }
}

TEST(Network, AWrappersPrefixAndOtherStatesAreLeftOut) {
  Dict state = weights_of(10, "model.");
  state.emplace_back("criterion.weight", state.front().value);
  const Dict root{{"state_dict", Value{state}},
                  {"callbacks", Value{Dict{{"ModelCheckpoint", Value{Dict{{"best", state.front().value}}}}}}},
                  {"hyper_parameters", Value{Dict{{"lr", Value{0.1}}}}},
                  {"epoch", Value{std::int64_t{3}}}};
  const Described found = open_weights(file_of(root), {});
  EXPECT_EQ(line_of(file_of(root), found.weights),
            "x.pth: resnet20: loaded 116 tensors behind 'model.', 1 unused (criterion.weight)");
}

TEST(Network, ACheckpointOfOursThatLostAPartSaysSo) {
  Dict root = reference_checkpoint();
  root.emplace_back("format", Value{std::string("springbok-checkpoint-1")});
  EXPECT_EQ(message_of<Error>([&] { card_of(file_of(root)); }),
            "x.pth: model.conv1.weight: holds a tensor where plain data belongs");
  root.erase(root.begin());
  EXPECT_EQ(message_of<Error>([&] { card_of(file_of(root)); }),
            "x.pth: a training checkpoint that says nothing of 'model'; it is cut or altered");
}

/// Bare weights of a network that scores images: classes unless something says that they are labels.
TEST(Network, TheTaskOfBareWeightsIsToldOrAssumed) {
  const tensors::File file = file_of(Dict{{"state_dict", Value{weights_of(10)}}});
  const Described assumed = open_weights(file, {}), told = open_weights(file, {.task = metrics::MultiLabel{}}),
                  classes = open_weights(file, {.task = metrics::Classify{}});
  EXPECT_EQ(assumed.card.task, metrics::Task(metrics::Classify{}));
  EXPECT_TRUE(assumed.task_assumed);
  EXPECT_EQ(told.card.task, metrics::Task(metrics::MultiLabel{}));
  EXPECT_FALSE(told.task_assumed);
  EXPECT_FALSE(classes.task_assumed);
  EXPECT_EQ(message_of<UsageError>([&] { open_weights(file, {.task = metrics::Segment{}}); }),
            "resnet20: scores images, --task segment takes a network that scores every pixel ('springbok models "
            "list')");
}

TEST(Network, SegmentingWeightsAreNothingElse) {
  const graph::Graph graph = zoo::build("resnext_small_seg", {.classes = 4});
  const engine::State state = engine::initialise(graph, 1);
  Dict dict;
  for (const auto& [name, tensor] : engine::state_dict(graph, state)) dict.emplace_back(name, Value{tensor});
  OpenSettings settings{.model = "resnext_small_seg"};  // its elastic twin has the same tensors
  const Described found = open_weights(file_of(dict), settings);
  EXPECT_EQ(found.card.task, metrics::Task(metrics::Segment{}));
  EXPECT_FALSE(found.task_assumed);
  settings.task = metrics::MultiLabel{};
  EXPECT_EQ(message_of<UsageError>([&] { open_weights(file_of(dict), settings); }),
            "resnext_small_seg: scores every pixel, --task multilabel takes a network that scores images");
}

}  // namespace
}  // namespace springbok::model
