// Whole runs with optimisation's finer choices: the loop gives each its part.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "springbok/base/file.h"
#include "springbok/model/network.h"
#include "springbok/run/manifest.h"
#include "springbok/train/checkpoint.h"
#include "springbok/train/loop.h"
#include "springbok/train/plateau.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"
#include "tests/train/synthetic.h"

namespace springbok::train {
namespace {

using springbok::testing::message_of;
using springbok::testing::TemporaryFolder;
using Json = nlohmann::json;

at::Tensor tensor_in(const tensors::StateDict& dict, const std::string& name) {
  const auto at = std::find_if(dict.begin(), dict.end(), [&](const auto& entry) { return entry.first == name; });
  if (at == dict.end()) fail("no tensor '{}'", name);
  return engine::from_plain(at->second).clone();
}

class Choices : public ::testing::Test {
 protected:
  Checkpoint checkpoint(const std::string& name, std::int64_t epoch) const {
    const run::CheckpointFolder checkpoints(folder_ / name / "checkpoints");
    for (const auto& each : checkpoints.listed()) {
      if (each.epoch == epoch) return read_checkpoint(checkpoints.path(each));
    }
    fail("no checkpoint of epoch {}", epoch);
  }
  recipe::Recipe recipe(const std::string& name) const {
    recipe::Recipe recipe = small_recipe(folder_ / name);
    recipe.keep = 10;
    return recipe;
  }
  std::vector<Json> log(const std::string& name) const {
    std::vector<Json> lines;
    std::istringstream text(read_text(folder_ / name / "log.jsonl"));
    for (std::string line; std::getline(text, line);) lines.push_back(Json::parse(line));
    return lines;
  }

  TemporaryFolder folder_;
  Synthetic training_{50, 4}, validation_{22, 4, 2};
};

/// Evaluated and released is the mean of the weights at the last two epochs' ends.
TEST_F(Choices, AnEqualAverageIsTheMeanOfTheEpochsWeights) {
  recipe::Recipe one = recipe("swa");
  one.averages.swa_start = 1;
  one.averages.swa_lr = 0.02;
  one.averages.swa_anneal_epochs = 0;
  run(one, training_, validation_);
  const Checkpoint second = checkpoint("swa", 2), third = checkpoint("swa", 3);
  const tensors::StateDict average = best_weights(third);
  for (const char* name : {"conv1.weight", "layer2.0.bn1.weight", "fc.bias"}) {
    const at::Tensor mean = tensor_in(second.state, name).add(tensor_in(third.state, name)).div(2);
    EXPECT_TRUE(tensor_in(average, name).allclose(mean, 1e-5, 1e-7)) << name;
    EXPECT_FALSE(mean.equal(tensor_in(third.state, name))) << name;
  }
  EXPECT_FALSE(tensor_in(average, "bn1.running_mean").equal(tensor_in(third.state, "bn1.running_mean")));
  for (const Json& line : log("swa")) {
    const bool averaged = line.contains("lr") && line["epoch"] > 1;
    EXPECT_DOUBLE_EQ(averaged ? line["lr"].get<double>() : 0.02, 0.02);
  }
}

/// The first norm's mean is that of the first convolution's outputs over all training images.
TEST_F(Choices, RecalibratedStatisticsAreThoseOfTheTrainingImages) {
  recipe::Recipe one = recipe("recalibrated");
  one.epochs = 1;
  one.batch_size = 10;
  one.augment.crop = data::Crop::none;
  one.augment.flip = 0;
  one.averages.recalibrate_bn = training_.size();
  run(one, training_, validation_);
  const Checkpoint last = checkpoint("recalibrated", 1);
  const data::Preprocess& preprocess = last.snapshot.card.preprocess;
  std::vector<at::Tensor> images;
  for (std::int64_t i = 0; i < training_.size(); ++i) {
    image::Image image = training_.image(i, 1);
    images.push_back(at::from_blob(image.pixels.data(), {1, 8, 8}, at::kByte).to(at::kFloat).div(255));
  }
  const at::Tensor input = at::stack(images).sub(preprocess.mean[0]).div(preprocess.std[0]);
  const at::Tensor outputs = at::conv2d(input, tensor_in(last.state, "conv1.weight"), {}, 1, 1);
  const at::Tensor mean = tensor_in(last.state, "bn1.running_mean");
  EXPECT_TRUE(mean.allclose(outputs.mean({0, 2, 3}), 1e-4, 1e-5)) << mean << outputs.mean({0, 2, 3});
}

/// The rate of each epoch is what the plateau makes of the goals before it.
TEST_F(Choices, APlateauLowersTheRate) {
  recipe::Recipe one = recipe("plateau");
  one.epochs = 6;
  one.warmup_epochs = 0;
  one.rate.kind = recipe::ScheduleKind::plateau;
  one.plateau = {.factor = 0.5, .patience = 0, .threshold = 1};  // twice as good, or it does not count
  run(one, training_, validation_);
  Plateau plateau(one.plateau, /*higher=*/true);
  double lowest = one.rate.lr;
  for (const Json& line : log("plateau")) {
    if (line.contains("val_top1")) {
      plateau.step(line["val_top1"], one.rate.lr);
    } else {
      lowest = line["lr"];
      EXPECT_DOUBLE_EQ(lowest, plateau.rate(one.rate.lr));
    }
  }
  EXPECT_LT(lowest, one.rate.lr);
}

TEST_F(Choices, FrozenLayersStayAndSoDoTheirStatisticsWhereAsked) {
  recipe::Recipe moving = recipe("moving"), still = recipe("still");
  moving.epochs = still.epochs = 1;
  moving.groups.freeze = still.groups.freeze = {"backbone"};
  still.groups.freeze_stats = true;
  run(moving, training_, validation_);
  run(still, training_, validation_);
  const Checkpoint a = checkpoint("moving", 1), b = checkpoint("still", 1);
  const graph::Graph graph = zoo::build("resnet20", b.snapshot.card.options);
  const tensors::StateDict start = state_dict(graph, engine::initialise(graph, 0));
  for (const char* name : {"conv1.weight", "layer3.2.conv2.weight", "bn1.bias"}) {
    EXPECT_TRUE(tensor_in(a.state, name).equal(tensor_in(start, name))) << name;
    EXPECT_TRUE(tensor_in(b.state, name).equal(tensor_in(start, name))) << name;
  }
  EXPECT_FALSE(tensor_in(a.state, "fc.weight").equal(tensor_in(start, "fc.weight")));
  EXPECT_FALSE(tensor_in(b.state, "fc.weight").equal(tensor_in(start, "fc.weight")));
  EXPECT_FALSE(tensor_in(a.state, "bn1.running_mean").equal(tensor_in(start, "bn1.running_mean")));
  EXPECT_TRUE(tensor_in(b.state, "bn1.running_mean").equal(tensor_in(start, "bn1.running_mean")));
}

/// Network, preprocessing and weights come with the file; the head is new where the classes are others.
TEST_F(Choices, PretrainedStartsFromAnothersWeights) {
  recipe::Recipe before = recipe("before");
  before.preprocess.mean = {0.4};
  const Outcome trained = run(before, training_, validation_);
  const Synthetic other(30, 3), validation(12, 3, 2);
  recipe::Recipe tuned = recipe("tuned");
  tuned.model.clear();
  tuned.pretrained = trained.weights;
  tuned.preprocess = {};
  tuned.epochs = 1;
  tuned.rate.lr = 1e-9;
  tuned.warmup_epochs = 0;
  tuned.options.dropout = 0;
  const recipe::Given given = {{"pretrained", "--pretrained"}};
  tuned.init = "other";
  EXPECT_EQ(message_of<UsageError>([&] { run(tuned, other, validation, given); }),
            "--init and --pretrained: both say what to start from; give one of them");
  tuned.init = trained.weights;  // as the run's own recipe has it
  run(tuned, other, validation, given);
  const Checkpoint last = checkpoint("tuned", 1);
  const auto source = model::open_network(trained.weights);
  const tensors::StateDict start = state_dict(source->graph, source->state);
  EXPECT_EQ(last.snapshot.card.model, "resnet20");
  EXPECT_EQ(last.snapshot.card.preprocess.mean, std::vector<double>{0.4});
  EXPECT_EQ(last.snapshot.card.preprocess.size, 8);
  EXPECT_TRUE(tensor_in(last.state, "conv1.weight").allclose(tensor_in(start, "conv1.weight"), 1e-5, 1e-7));
  EXPECT_EQ(tensor_in(last.state, "fc.weight").size(0), 3);
}

/// At a rate of 0 it stays, and all else moves.
TEST_F(Choices, TheHeadLearnsByARateOfItsOwn) {
  recipe::Recipe one = recipe("head");
  one.epochs = 1;
  one.groups.last_mult = 0;
  run(one, training_, validation_);
  const Checkpoint last = checkpoint("head", 1);
  const graph::Graph graph = zoo::build("resnet20", last.snapshot.card.options);
  const tensors::StateDict start = state_dict(graph, engine::initialise(graph, 0));
  EXPECT_TRUE(tensor_in(last.state, "fc.weight").equal(tensor_in(start, "fc.weight")));
  EXPECT_TRUE(tensor_in(last.state, "fc.bias").equal(tensor_in(start, "fc.bias")));
  EXPECT_FALSE(tensor_in(last.state, "conv1.weight").equal(tensor_in(start, "conv1.weight")));
}

}  // namespace
}  // namespace springbok::train
