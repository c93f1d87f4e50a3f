// Whole runs on small problems: what they leave behind, and what they refuse.
#include "springbok/train/loop.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "springbok/base/file.h"
#include "springbok/model/evaluate.h"
#include "springbok/model/network.h"
#include "springbok/run/folder.h"
#include "springbok/run/manifest.h"
#include "springbok/train/checkpoint.h"
#include "springbok/train/settings.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"
#include "tests/train/synthetic.h"

namespace springbok::train {
namespace {

using springbok::testing::message_of;
using springbok::testing::TemporaryFolder;
using Json = nlohmann::ordered_json;

class LoopTest : public ::testing::Test {
 protected:
  std::vector<Json> log() const {
    std::vector<Json> lines;
    std::istringstream text(read_text(folder_ / "run/log.jsonl"));
    for (std::string line; std::getline(text, line);) lines.push_back(Json::parse(line));
    return lines;
  }
  template <class E = Error>
  std::string complaint(const recipe::Recipe& recipe, const data::Source& training) {
    return message_of<E>([&] { run(recipe, training, validation_); });
  }

  TemporaryFolder folder_;
  recipe::Recipe recipe_ = small_recipe(folder_ / "run");
  Synthetic training_{50, 4}, validation_{22, 4, 2};
};

TEST_F(LoopTest, LearnsAndLeavesACompleteRunFolder) {
  const Outcome outcome = run(recipe_, training_, validation_);
  EXPECT_EQ(outcome.ending, Ending::finished);
  EXPECT_EQ(outcome.stopped_by, "");
  EXPECT_GT(metrics::value_of(outcome.best.metrics, "top1"), 50);
  EXPECT_EQ(outcome.trained_images, 150);

  const Json record = Json::parse(read_text(folder_ / "run/run.json"));
  EXPECT_EQ(record["finished"], true);
  EXPECT_EQ(record["recipe"]["batch_size"], 8);
  EXPECT_EQ(record["recipe"]["mean"], Json({0.449}));
  EXPECT_EQ(record["data"]["digest"], training_.digest());
  EXPECT_DOUBLE_EQ(record["best"]["top1"].get<double>(), metrics::value_of(outcome.best.metrics, "top1"));
}

TEST_F(LoopTest, LogHoldsEveryStepAndEpoch) {
  run(recipe_, training_, validation_);
  std::int64_t steps = 0, epochs = 0;
  for (const Json& line : log()) {
    if (line.contains("val_top1")) {
      EXPECT_EQ(line["epoch"], ++epochs);
      EXPECT_EQ(line["step"], steps);
    } else {
      EXPECT_EQ(line["step"], ++steps);
      EXPECT_TRUE(std::isfinite(line["loss"].get<double>()));
      EXPECT_GE(line["data_s"].get<double>(), 0);
      EXPECT_GT(line["compute_s"].get<double>(), 0);
    }
  }
  EXPECT_EQ(steps, 21);  // 50 images in batches of 8: 7 steps an epoch
  EXPECT_EQ(epochs, 3);
  EXPECT_EQ(log()[0]["lr"], 0.0);  // the warm-up's first step
}

TEST_F(LoopTest, KeepsTheBestAndTheLastCheckpoints) {
  recipe_.epochs = 4;
  recipe_.keep = 2;
  run(recipe_, training_, validation_);
  const run::CheckpointFolder checkpoints(folder_ / "run/checkpoints");
  ASSERT_TRUE(checkpoints.best());
  EXPECT_EQ(checkpoints.last()->epoch, 4);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "run/checkpoints")) {
    files += entry.path().extension() == ".pt";
  }
  EXPECT_EQ(files, checkpoints.listed().size());
  EXPECT_LE(files, 3U);
}

TEST_F(LoopTest, ReleasedWeightsAreTheBestEpochsAndSayWhatTheyAre) {
  const Outcome outcome = run(recipe_, training_, validation_);
  const auto network = model::open_network(outcome.weights);
  EXPECT_EQ(network->card.model, "resnet20");
  EXPECT_EQ(network->card.classes, training_.classes());
  EXPECT_EQ(network->card.options.channels, 1);
  EXPECT_EQ(network->card.options.dropout, 0.1);
  EXPECT_EQ(network->card.preprocess.mean, std::vector<double>{0.449});
  EXPECT_EQ(network->card.score->epoch, outcome.best.epoch);
  const auto from_checkpoint = model::open_network(folder_ / "run/checkpoints" /
                                                   run::CheckpointFolder(folder_ / "run/checkpoints").best()->file);
  for (std::size_t i = 0; i < network->state.tensors.size(); ++i) {
    EXPECT_TRUE(network->state.tensors[i].equal(from_checkpoint->state.tensors[i])) << i;
  }
}

/// What is evaluated is what is released: the average, which is not the last weights.
TEST_F(LoopTest, AnAverageIsEvaluatedAndReleased) {
  recipe::Recipe recipe = small_recipe(folder_ / "average");
  recipe.ema_decay = 0.9;
  const Outcome outcome = run(recipe, training_, validation_);
  const auto opened = model::open_network(outcome.weights);
  model::EvaluateSettings settings;
  settings.batch = 8;
  settings.quiet = true;
  const auto by_eval = model::evaluate(*opened->executor, opened->state, opened->card.classes, validation_,
                                       data::Transform(opened->card.preprocess), settings);
  EXPECT_EQ(metrics::metrics_of(by_eval.tally), outcome.best.metrics);
  const run::CheckpointFolder checkpoints(folder_ / "average/checkpoints");
  const Checkpoint best = read_checkpoint(checkpoints.path(*checkpoints.best()));
  const tensors::StateDict released = best_weights(best);
  ASSERT_EQ(released.size(), best.state.size());
  EXPECT_FALSE(engine::from_plain(released[0].second).equal(engine::from_plain(best.state[0].second)));
}

/// The second has grouped convolutions, of our own kernel where weights lie in memory as the loop's do.
TEST_F(LoopTest, EvaluatingItsWeightsGivesTheRunsNumbersBitForBit) {
  for (const char* model : {"resnet20", "regnet_y_400mf"}) {
    recipe::Recipe recipe = small_recipe(folder_ / model);
    recipe.model = model;
    recipe.options = {};
    recipe.preprocess.size = 32;
    recipe.augment.crop = data::Crop::none;
    recipe.epochs = 1;
    recipe.rate.lr = 0.001;
    recipe.drop_last = true;  // two images have no statistics to speak of
    recipe.warmup_epochs = 0;
    const Outcome outcome = run(recipe, training_, validation_);
    model::EvaluateSettings settings;
    settings.batch = recipe.batch_size;
    settings.predictions = 4;
    settings.quiet = true;
    const auto opened = model::open_network(outcome.weights);
    const data::Transform transform(opened->card.preprocess);
    const auto by_eval =
        evaluate(*opened->executor, opened->state, opened->card.classes, validation_, transform, settings);
    EXPECT_EQ(metrics::metrics_of(by_eval.tally), outcome.best.metrics) << model;

    Learner learner(opened->graph, 5);
    learner.optimizer = optimizer_for(recipe, learner);
    engine::State& state = learner.state;
    const run::CheckpointFolder checkpoints(folder_ / model / "checkpoints");
    restore(read_checkpoint(checkpoints.path(*checkpoints.best())), learner);
    const auto by_loop = evaluate(*opened->executor, state, opened->card.classes, validation_, transform, settings);
    ASSERT_EQ(by_eval.predictions.size(), 22U);
    for (std::size_t i = 0; i < state.tensors.size(); ++i) {
      EXPECT_EQ(opened->state.tensors[i].strides(), state.tensors[i].strides()) << opened->graph.params()[i].name;
    }
    for (std::size_t i = 0; i < by_eval.predictions.size(); ++i) {
      EXPECT_EQ(metrics::to_json(by_eval.predictions[i]), metrics::to_json(by_loop.predictions[i]))
          << model << " " << i;
    }
  }
}

TEST_F(LoopTest, AccumulationLeavesNoImageOut) {
  recipe_.accumulate = 3;  // 7 batches an epoch: steps of 24, 24 and 2 images
  recipe_.epochs = 1;
  const Outcome outcome = run(recipe_, training_, validation_);
  EXPECT_EQ(outcome.trained_images, 50);
  EXPECT_EQ(log().size(), 3U + 1U);
}

TEST_F(LoopTest, DropLastLeavesOutTheBatchThatIsNotFull) {
  recipe_.drop_last = true;
  recipe_.epochs = 1;
  EXPECT_EQ(run(recipe_, training_, validation_).trained_images, 48);
}

TEST_F(LoopTest, DoesNotOverwriteARun) {
  recipe_.epochs = 1;
  recipe_.warmup_epochs = 0;
  run(recipe_, training_, validation_);
  EXPECT_EQ(complaint(recipe_, training_), (folder_ / "run").string() +
                                               ": holds a run (1 epochs, 7 steps); go on with --resume auto, or choose "
                                               "another --out");
}

TEST_F(LoopTest, BatchLargerThanTheDataIsRefused) {
  recipe_.batch_size = 51;
  EXPECT_EQ(complaint<UsageError>(recipe_, training_),
            "--batch-size: one step takes 51 x 1 images (batch_size x accumulate), but there are only 50; make it "
            "smaller");
}

TEST_F(LoopTest, ALastBatchOfOneImageThatBreaksNormalisationIsRefused) {
  recipe_.model = "resnet18";
  recipe_.options.dropout = 0;
  const Synthetic odd(49, 4);
  EXPECT_NE(complaint<UsageError>(recipe_, odd).find("--batch-size: 8 leaves a last batch of one image"),
            std::string::npos);
}

TEST_F(LoopTest, ZeroWorkersLoadInTheComputingThread) {
  recipe_.workers = 0;
  recipe_.epochs = 1;
  recipe_.warmup_epochs = 0;
  EXPECT_EQ(run(recipe_, training_, validation_).trained_images, 50);
}

TEST_F(LoopTest, AnUnwritableFolderIsNamed) {
  write_file(folder_ / "file", "x");
  recipe_.out = (folder_ / "file/run").string();
  EXPECT_NE(complaint(recipe_, training_).find((folder_ / "file/run").string()), std::string::npos);
}

TEST_F(LoopTest, UnknownModelIsRefusedWithTheNearest) {
  recipe_.model = "resnet21";
  EXPECT_NE(complaint<UsageError>(recipe_, training_).find("did you mean 'resnet20'"), std::string::npos);
}

TEST_F(LoopTest, OptionsThatTheModelCannotHonourAreRefused) {
  recipe_.options.stem = zoo::Stem::small;
  EXPECT_NE(complaint<UsageError>(recipe_, training_).find("--stem"), std::string::npos);
}

TEST_F(LoopTest, NotANumberNamesStepLayerAndImagesAndSavesTheBatch) {
  recipe_.rate.lr = 1e30;
  recipe_.warmup_epochs = 0;
  recipe_.rate.kind = recipe::ScheduleKind::constant;
  const std::string message = complaint(recipe_, training_);
  EXPECT_NE(message.find("step 2: the loss is nan; first layer with an output that is not finite: "), std::string::npos)
      << message;
  EXPECT_NE(message.find("; images: sample"), std::string::npos) << message;
  EXPECT_NE(message.find(" and 4 more; batch and network saved in "), std::string::npos) << message;
  EXPECT_TRUE(std::filesystem::exists(folder_ / "run/not_finite-step-00000002.pt"));
}

TEST_F(LoopTest, AnErrorOfALoadingThreadArrives) {
  training_.on_image = [](std::int64_t index) {
    if (index == 37) fail("sample37: truncated");
  };
  EXPECT_NE(complaint(recipe_, training_).find("sample37: truncated"), std::string::npos);
}

TEST_F(LoopTest, ValidationClassesAreMatchedByName) {
  recipe_.epochs = 6;
  Synthetic reversed(22, 4, 2);
  const double straight = metrics::value_of(run(recipe_, training_, reversed).best.metrics, "top1");
  // The same images under other names: every prediction that was right is now of another class.
  std::swap(reversed.labels[0], reversed.labels[1]);
  recipe_.out = (folder_ / "other").string();
  EXPECT_LT(metrics::value_of(run(recipe_, training_, reversed).best.metrics, "top1"), straight);
  reversed.labels[0] = "zebra";
  recipe_.out = (folder_ / "third").string();
  EXPECT_NE(message_of<Error>([&] { run(recipe_, training_, reversed); }).find("zebra"), std::string::npos);
}

}  // namespace
}  // namespace springbok::train
