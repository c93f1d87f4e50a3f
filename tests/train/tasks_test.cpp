// Whole runs on images with labels and with masks: they learn, go on bit for bit, and say what they are.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "springbok/base/file.h"
#include "springbok/graph/build.h"
#include "springbok/model/evaluate.h"
#include "springbok/model/network.h"
#include "springbok/run/manifest.h"
#include "springbok/train/checkpoint.h"
#include "springbok/train/loop.h"
#include "springbok/train/plan.h"
#include "springbok/train/replay.h"
#include "tests/support/message_of.h"
#include "tests/support/squares.h"
#include "tests/support/temporary_folder.h"
#include "tests/train/synthetic.h"

namespace springbok::train {
namespace {

using data::TargetKind;
using springbok::testing::message_of;
using springbok::testing::Squares;
using springbok::testing::TemporaryFolder;
using Json = nlohmann::ordered_json;

/// A network that scores each pixel of images of any size.
graph::Graph pixel_graph(std::int64_t classes) {
  graph::Graph graph;
  const graph::Scope root{&graph, ""};
  const graph::Value image = graph::input(graph, 3);
  const graph::Value x = graph::conv(root / "conv1", image, {.out = 16, .kernel = 3, .stride = 2});
  const graph::Value y = graph::relu(graph::norm(root / "bn1", x));
  const graph::Value z = graph::conv(root / "head", y, {.out = classes, .kernel = 3, .bias = true});
  graph::output(graph::upsample_like(z, image));
  return graph;
}

class Tasks : public ::testing::TestWithParam<TargetKind> {
 protected:
  bool pixels() const { return GetParam() == TargetKind::masks; }

  recipe::Recipe recipe(const std::string& name) const {
    recipe::Recipe recipe = small_recipe(folder_ / name);
    recipe.label_smoothing = 0;
    recipe.epochs = 2;
    recipe.accumulate = 2;
    recipe.preprocess.size = 17;
    recipe.augment.crop = data::Crop::resized;
    recipe.augment.scale_min = 0.6;
    recipe.augment.brightness = 0.2;
    recipe.preprocess.crop_ratio = 0.875;
    if (pixels()) {
      recipe.model = "own";
      recipe.options.dropout = 0;
    }
    return recipe;
  }

  /// The same with a network of the zoo, which other programs open.
  recipe::Recipe of_the_zoo(const std::string& name) const {
    recipe::Recipe one = recipe(name);
    if (pixels()) {
      one.model = "resnext_small_seg";
      one.preprocess.size = 32;
      one.epochs = 1;
    }
    return one;
  }

  Outcome run(const recipe::Recipe& recipe, const recipe::Given& given = {},
              const std::function<std::string()>& stop = {}) {
    TrainSettings settings{
        .quiet = true, .say = [this](const std::string& line) { told_ += line + '\n'; }, .stop = stop};
    const graph::Graph own = pixel_graph(3);
    if (recipe.model == "own") settings.own.graph = &own;
    return train(recipe, given, training_, validation_, settings);
  }

  Outcome run_until(const recipe::Recipe& recipe, int loads) {
    std::atomic<int> count{0};
    training_.on_image = [&](std::int64_t) { ++count; };
    const Outcome outcome = run(recipe, {}, [&] { return std::string(count >= loads ? "the test" : ""); });
    training_.on_image = nullptr;
    return outcome;
  }

  Checkpoint last(const std::string& name) const {
    const run::CheckpointFolder checkpoints(folder_ / name / "checkpoints");
    return read_checkpoint(checkpoints.path(*checkpoints.last()));
  }

  std::vector<Json> log(const std::string& name) const {
    std::vector<Json> lines;
    std::istringstream text(read_text(folder_ / name / "log.jsonl"));
    for (std::string line; std::getline(text, line);) {
      lines.push_back(Json::parse(line));
      for (const char* key : {"data_s", "compute_s", "images_s", "eval_s"}) lines.back().erase(key);
    }
    return lines;
  }

  void expect_going_on_changes_nothing(const std::function<recipe::Recipe(const std::string&)>& asked) {
    run(asked("whole"));
    EXPECT_EQ(run_until(asked("parts"), 48 + 20).ending, Ending::stopped);
    recipe::Recipe rest = asked("parts");
    rest.resume = "auto";
    rest.workers = 3;
    EXPECT_EQ(run(rest).ending, Ending::finished);
    EXPECT_EQ(read_file(folder_ / "whole/weights.safetensors"), read_file(folder_ / "parts/weights.safetensors"));
    EXPECT_EQ(log("whole"), log("parts"));
  }

  TemporaryFolder folder_;
  Squares training_{GetParam(), 48}, validation_{GetParam(), 20, 2};
  std::string told_;
};

INSTANTIATE_TEST_SUITE_P(Kinds, Tasks, ::testing::Values(TargetKind::labels, TargetKind::masks),
                         [](const auto& kind) { return kind.param == TargetKind::masks ? "Masks" : "Labels"; });

/// By the goal of its task, which its files name; far above what guessing reaches.
TEST_P(Tasks, LearnAndSaySo) {
  recipe::Recipe one = recipe("run");
  one.epochs = 12;
  one.accumulate = 1;
  one.warmup_epochs = 0;
  const Outcome outcome = run(one);
  const std::string goal = pixels() ? "mIoU" : "mAP";
  EXPECT_GT(metrics::value_of(outcome.best.metrics, goal), pixels() ? 60 : 90) << told_;
  const Json record = Json::parse(read_text(folder_ / "run/run.json"));
  EXPECT_EQ(record["task"], pixels() ? "segment" : "multilabel");
  EXPECT_EQ(record["goal"]["metric"], goal);
  EXPECT_EQ(record["recipe"]["task"], record["task"]);
  EXPECT_EQ(record["recipe"]["loss"], pixels() ? "cross_entropy" : "bce");
  EXPECT_EQ(metrics::name_of(last("run").snapshot.card.task), record["task"]);
  EXPECT_NE(told_.find(goal), std::string::npos) << told_;
  double best = 0;
  for (const Json& line : log("run")) {
    if (!line.contains("val_" + goal)) continue;
    EXPECT_EQ(line["best"].get<bool>(), line["val_" + goal].get<double>() > best);
    best = std::max(best, line["val_" + goal].get<double>());
  }
  EXPECT_EQ(metrics::value_of(outcome.best.metrics, goal), best);
}

/// The run ends after so many epochs without a better mAP or mIoU, whatever the loss does.
TEST_P(Tasks, StopEarlyByTheirGoal) {
  recipe::Recipe one = recipe("run");
  one.epochs = 60;
  one.early_stop = 3;
  one.accumulate = 1;
  one.warmup_epochs = 0;
  const Outcome outcome = run(one);
  const std::string goal = pixels() ? "val_mIoU" : "val_mAP";
  double best = -1, loss_then = 0, loss = 0;
  std::int64_t epochs = 0, since = 0;
  for (const Json& line : log("run")) {
    if (!line.contains(goal)) continue;
    EXPECT_LT(since, 3) << "epoch " << epochs << " is one too many";
    ++epochs, ++since;
    loss = line["val_loss"].get<double>();
    if (line[goal].get<double>() > best) {
      best = line[goal].get<double>();
      loss_then = loss;
      since = 0;
    }
  }
  EXPECT_EQ(outcome.ending, Ending::finished);
  EXPECT_LT(epochs, 60);
  EXPECT_EQ(since, 3);
  if (!pixels()) {
    EXPECT_LT(loss, loss_then) << "the loss still fell, the mAP of 100 did not rise";
  }
}

TEST_P(Tasks, GoOnBitForBit) {
  expect_going_on_changes_nothing([&](const std::string& name) { return recipe(name); });
}

TEST_P(Tasks, GoOnBitForBitWithTheirOwnChoices) {
  expect_going_on_changes_nothing([&](const std::string& name) {
    recipe::Recipe one = recipe(name);
    one.on_bad_image = data::OnBadImage::skip;
    one.repeat_augment = 2;
    one.sharpness.rho = 0.05;
    if (pixels()) {
      one.joint = {.scale_min = 0.7, .scale_max = 1.5, .form = data::JointForm::elastic};
    } else {
      one.loss.kind = recipe::LossKind::asymmetric;
      one.loss.label_scale = 80;
      one.mix = {.mixup = 0.4, .cutmix = 1};
      one.preprocess.fit = data::Fit::squash;
    }
    return one;
  });
}

/// The evaluation of the released weights is that of the run.
TEST_P(Tasks, ReleasedWeightsScoreAsTheRunSays) {
  const Outcome outcome = run(of_the_zoo("run"));
  const auto opened = model::open_network(outcome.weights);
  EXPECT_EQ(metrics::name_of(opened->card.task), pixels() ? "segment" : "multilabel");
  const std::string goal = pixels() ? "mIoU" : "mAP";
  model::EvaluateSettings settings;
  settings.quiet = true;
  const model::Evaluation again =
      model::evaluate(*opened->executor, opened->state, opened->card.classes, validation_,
                      model::evaluation_transform(opened->card.preprocess, GetParam()), settings);
  EXPECT_EQ(metrics::value_of(metrics::metrics_of(again.tally), goal), metrics::value_of(outcome.best.metrics, goal));
}

/// Outputs that the data have no class for.
TEST_P(Tasks, MoreOutputsThanClasses) {
  if (pixels()) return;
  recipe::Recipe one = recipe("run");
  one.epochs = 1;
  one.num_classes = 5;
  const Outcome outcome = run(one);
  EXPECT_EQ(model::open_network(outcome.weights)->card.classes,
            (std::vector<std::string>{"red", "green", "class 2", "class 3", "class 4"}));
}

/// Of no labels and of no pixel that counts: the loss is a number, and the step is made.
TEST_P(Tasks, BatchesWithoutAnythingToTell) {
  for (std::int64_t i = 0; i < training_.size(); ++i) training_.blank.push_back(i);
  recipe::Recipe one = recipe("run");
  one.epochs = 1;
  EXPECT_EQ(run(one).ending, Ending::finished);
  for (const Json& line : log("run")) {
    if (!line.contains("loss")) continue;
    EXPECT_EQ(line["loss"].get<double>() > 0, !pixels());
  }
}

/// A step that is not finite is dumped with its labels or masks, and made again.
TEST_P(Tasks, StepsThatAreNotFiniteAreMadeAgain) {
  recipe::Recipe one = of_the_zoo("run");
  one.rate.lr = 1e30;
  one.warmup_epochs = 0;
  if (!pixels()) one.mix.mixup = 0.4;
  one.optimizer.momentum = 0;
  const std::string error = message_of<Error>([&] { run(one); });
  const auto at = error.find("saved in ");
  ASSERT_NE(at, std::string::npos) << error;
  const std::string path = error.substr(at + 9, error.find(".pt", at) + 3 - at - 9);
  const Replayed made = replay(path);
  EXPECT_TRUE(made.then == made.now) << made.then.error << " | " << made.now.error;
  EXPECT_FALSE(made.then.error.empty());
}

TEST_P(Tasks, DataOfAnotherTaskAreRefused) {
  recipe::Recipe one = recipe("run");
  one.task = recipe::TaskChoice::classify;
  EXPECT_EQ(message_of<UsageError>([&] { run(one); }), std::string("--task classify: the data have ") +
                                                           (pixels() ? "masks" : "lists of labels") +
                                                           " (squares); leave it out, or give other data");
}

TEST_P(Tasks, KeysOfAnotherTaskAreRefusedWhenTheDataAreKnown) {
  recipe::Recipe one = recipe("run");
  one.label_smoothing = 0.1;
  EXPECT_EQ(message_of<UsageError>([&] {
              run(one, {{"label_smoothing", "--label-smoothing"}});
            }),
            "--label-smoothing: has no effect here; it needs task = classify");
}

}  // namespace
}  // namespace springbok::train
