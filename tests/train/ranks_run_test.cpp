// Whole runs of several ranks: the same curve as one rank's, the same numbers from evaluations, and how they end.
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <nlohmann/json.hpp>

#include "springbok/base/file.h"
#include "springbok/data/source/source.h"
#include "springbok/graph/build.h"
#include "springbok/metrics/prediction.h"
#include "springbok/run/folder.h"
#include "springbok/run/line.h"
#include "springbok/run/manifest.h"
#include "springbok/train/checkpoint.h"
#include "springbok/train/loop.h"
#include "springbok/train/together.h"
#include "tests/support/squares.h"
#include "tests/support/temporary_folder.h"
#include "tests/train/synthetic.h"
#include "tests/train/thread_ranks.h"

namespace springbok::train {
namespace {

using data::TargetKind;
using springbok::testing::Squares;
using springbok::testing::TemporaryFolder;

/// A network without batch norms that scores each pixel.
graph::Graph pixel_graph() {
  graph::Graph graph;
  const graph::Scope root{&graph, ""};
  const graph::Value image = graph::input(graph, 3);
  const graph::Value x = graph::conv(root / "conv1", image, {.out = 16, .kernel = 3, .stride = 2, .bias = true});
  const graph::Value z = graph::conv(root / "head", graph::relu(x), {.out = 3, .kernel = 3, .bias = true});
  graph::output(graph::upsample_like(z, image));
  return graph;
}

class RanksRun : public ::testing::Test {
 protected:
  /// Four steps an epoch, of 16, 16, 16 and 2 images: of the last batch a third and a fourth rank have none.
  recipe::Recipe recipe(const std::string& name) const {
    recipe::Recipe recipe = small_recipe(folder_ / name);
    recipe.epochs = 2;
    recipe.accumulate = 2;
    recipe.options.norm = zoo::NormChoice::groupnorm;
    return recipe;
  }

  std::vector<std::string> run(const recipe::Recipe& recipe, int ranks, const TrainSettings& given = {}) {
    return springbok::testing::run_ranks(ranks, [&](engine::Group& group) {
      TrainSettings settings = given;
      settings.quiet = true;
      settings.group = &group;
      settings.say = [&](const std::string& line) { said_ += line + '\n'; };
      const Outcome outcome = train(recipe, {}, *training_, *validation_, settings);
      if (group.rank() == 0) outcome_ = outcome;
    });
  }
  void expect_run(const recipe::Recipe& recipe, int ranks, const TrainSettings& given = {}) {
    for (const std::string& end : run(recipe, ranks, given)) EXPECT_EQ(end, "");
  }
  run::Lines log(const std::string& name, int rank = 0) const {
    return run::read_lines(run::Folder{folder_ / name}.log(rank));
  }
  Checkpoint last(const std::string& name) const {
    const run::CheckpointFolder checkpoints(folder_ / name / "checkpoints");
    return read_checkpoint(checkpoints.path(*checkpoints.last()));
  }
  std::vector<std::byte> weights(const std::string& name) const {
    return read_file(folder_ / name / "weights.safetensors");
  }

  /// The losses of steps, epochs and evaluations.
  static std::vector<double> curve(const run::Lines& log) {
    std::vector<double> numbers;
    for (const run::StepLine& step : log.steps) numbers.push_back(step.loss);
    for (const run::EpochLine& epoch : log.epochs) {
      numbers.push_back(metrics::value_of(epoch.train, "loss"));
      numbers.push_back(metrics::value_of(epoch.val, "loss"));
    }
    return numbers;
  }
  /// In float32, at a rate that lets roundings grow little (ranks_step_test.cpp has the curve in float64).
  void expect_same_curves(recipe::Recipe asked, double tolerance = 1e-3) {
    asked.rate.lr = 0.002;
    std::vector<double> one;
    for (const int ranks : {1, 2, 3, 4}) {
      recipe::Recipe own = asked;
      own.out += std::to_string(ranks);
      expect_run(own, ranks);
      const std::vector<double> found = curve(run::read_lines(run::Folder{own.out}.log()));
      if (ranks == 1) one = found;
      ASSERT_EQ(found.size(), one.size());
      for (std::size_t i = 0; i < one.size(); ++i) {
        EXPECT_NEAR(found[i], one[i], tolerance * std::max(1.0, std::abs(one[i]))) << ranks << " ranks, number " << i;
      }
    }
  }

  TemporaryFolder folder_;
  std::unique_ptr<data::Source> training_ = std::make_unique<Synthetic>(50, 4),
                                validation_ = std::make_unique<Synthetic>(22, 4, 2);
  std::string said_;
  Outcome outcome_;
};

TEST_F(RanksRun, OfPlainImagesTheCurveIsOneRanks) {
  recipe::Recipe asked = recipe("plain");
  asked.clip_norm = 1;
  expect_same_curves(asked);
}

TEST_F(RanksRun, OfMixedImagesWithSyncedNormsTheCurveIsOneRanks) {
  recipe::Recipe asked = recipe("mixed");
  asked.options.norm = zoo::NormChoice::syncbn;
  asked.mix = {.mixup = 0.4, .cutmix = 1, .cutmix_odds = 0.5};
  expect_same_curves(asked);
}

TEST_F(RanksRun, MixedWithTheirOwnBatchTheCurveIsOneRanks) {
  recipe::Recipe asked = recipe("flipped");
  asked.mix = {.mixup = 0.4, .cutmix = 1, .partner = data::MixPartner::flipped};
  expect_same_curves(asked);
  asked = recipe("pairs");
  asked.mix = {.mixup = 0.4, .cutmix = 1, .mode = data::MixMode::pair, .partner = data::MixPartner::flipped};
  expect_same_curves(asked);
}

/// A batch's weighted mean is over the weights of all ranks' images.
TEST_F(RanksRun, WithClassWeightsTheCurveIsOneRanks) {
  recipe::Recipe asked = recipe("weights");
  asked.loss.class_weights = "1,2,0.5,3";
  asked.mix = {.mixup = 0.4};
  expect_same_curves(asked);
}

TEST_F(RanksRun, OfLabelsTheCurveIsOneRanks) {
  training_ = std::make_unique<Squares>(TargetKind::labels, 50);
  validation_ = std::make_unique<Squares>(TargetKind::labels, 22, 2);
  recipe::Recipe asked = recipe("labels");
  asked.label_smoothing = 0;
  asked.preprocess.size = 16;
  asked.augment.crop = data::Crop::resized;
  asked.mix = {.mixup = 0.4};
  expect_same_curves(asked);
}

/// A batch's mean is over its pixels that count, of all ranks.
TEST_F(RanksRun, OfPixelsTheCurveIsOneRanks) {
  training_ = std::make_unique<Squares>(TargetKind::masks, 50);
  validation_ = std::make_unique<Squares>(TargetKind::masks, 22, 2);
  static const graph::Graph graph = pixel_graph();
  recipe::Recipe asked = recipe("pixels");
  asked.model = "own";
  asked.options = {};
  asked.label_smoothing = 0;
  asked.preprocess.size = 17;
  asked.augment.crop = data::Crop::resized;
  for (const int ranks : {1, 2, 3}) {
    recipe::Recipe own = asked;
    own.out += std::to_string(ranks);
    expect_run(own, ranks, {.own = {.graph = &graph}});
  }
  const std::vector<double> one = curve(log("pixels1"));
  for (const char* name : {"pixels2", "pixels3"}) {
    const std::vector<double> found = curve(log(name));
    ASSERT_EQ(found.size(), one.size());
    for (std::size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(found[i], one[i], 1e-4) << name << ' ' << i;
    EXPECT_EQ(metrics::read_predictions(folder_ / name / "predictions.json").size(),
              metrics::read_predictions(folder_ / "pixels1" / "predictions.json").size());
  }
}

/// With weights that stand still the numbers of an evaluation are the same ones, to the last bit: also where more ranks
/// than batches leave some without an image.
class SameNumbers : public RanksRun, public ::testing::WithParamInterface<TargetKind> {};

TEST_P(SameNumbers, AtAnyNumberOfRanks) {
  static const graph::Graph graph = pixel_graph();
  TrainSettings settings;
  recipe::Recipe asked = recipe("run");
  asked.epochs = 1;
  asked.rate.lr = 1e-30;
  asked.warmup_epochs = 0;
  if (GetParam() != TargetKind::classes) {
    training_ = std::make_unique<Squares>(GetParam(), 50);
    validation_ = std::make_unique<Squares>(GetParam(), 22, 2);
    asked.preprocess.size = 17;
    asked.augment.crop = data::Crop::resized;
    asked.label_smoothing = 0;
  }
  if (GetParam() == TargetKind::masks) {
    asked.model = "own";
    asked.options = {};
    settings.own.graph = &graph;
  }
  metrics::Metrics one;
  std::string predictions;
  for (const int ranks : {1, 2, 3, 4}) {
    recipe::Recipe own = asked;
    own.out += std::to_string(ranks);
    expect_run(own, ranks, settings);
    const metrics::Metrics found = run::read_lines(run::Folder{own.out}.log()).epochs.at(0).val;
    const std::string listed = read_text(run::Folder{own.out}.predictions());
    if (ranks == 1) one = found, predictions = listed;
    ASSERT_EQ(found.size(), one.size());
    for (std::size_t i = 0; i < one.size(); ++i)
      EXPECT_EQ(found[i].value, one[i].value) << found[i].key << ' ' << ranks;
    EXPECT_EQ(listed, predictions) << ranks;
  }
}

INSTANTIATE_TEST_SUITE_P(Tasks, SameNumbers,
                         ::testing::Values(TargetKind::classes, TargetKind::labels, TargetKind::masks));

TEST_F(RanksRun, EndInTheSameBitsTwice) {
  for (const char* name : {"one", "two"}) {
    recipe::Recipe asked = recipe(name);
    asked.options.norm = zoo::NormChoice::bn;
    expect_run(asked, 3);
  }
  EXPECT_EQ(weights("one"), weights("two"));
}

/// Stopped on one rank after some steps, a run goes on to the same bits; with another number it goes on, and says so.
TEST_F(RanksRun, StopTogetherAndGoOn) {
  for (const recipe::BnStats stats : {recipe::BnStats::average, recipe::BnStats::local}) {
    const std::string kind = recipe::bn_stats_names()[static_cast<std::size_t>(stats)];
    const auto asked = [&](const std::string& name) {
      recipe::Recipe one = recipe(kind + name);
      one.options.norm = zoo::NormChoice::bn;
      one.ranks.bn_stats = stats;
      return one;
    };
    expect_run(asked("whole"), 2);
    for (const char* name : {"same", "other"}) {
      std::atomic<int> steps = 0;  // asked twice a step, and three times in an evaluation
      TrainSettings stops;
      stops.stop = [&] { return std::string(++steps >= 14 ? "the test" : ""); };
      expect_run(asked(name), 2, stops);
      EXPECT_EQ(outcome_.ending, Ending::stopped);
      EXPECT_EQ(outcome_.stopped_by, "the test");
      EXPECT_EQ(last(kind + name).snapshot.position.step, 6);
      EXPECT_EQ(last(kind + name).snapshot.ranks, 2);
      recipe::Recipe again = asked(name);
      again.resume = "auto";
      said_.clear();
      expect_run(again, name == std::string("same") ? 2 : 3);
      EXPECT_EQ(outcome_.ending, Ending::finished);
    }
    EXPECT_NE(said_.find("3 ranks, the checkpoint was of 2: the same batches, shared otherwise"), std::string::npos)
        << said_;
    EXPECT_EQ(weights(kind + "same"), weights(kind + "whole"));
  }
}

/// An evaluation that one rank is to leave is left by all, and made again.
TEST_F(RanksRun, StopInAnEvaluation) {
  std::atomic<bool> evaluates = false;
  static_cast<Synthetic&>(*validation_).on_image = [&](std::int64_t) { evaluates = true; };
  TrainSettings stops;
  stops.stop = [&] { return std::string(evaluates ? "the test" : ""); };
  expect_run(recipe("run"), 3, stops);
  EXPECT_EQ(outcome_.ending, Ending::stopped);
  EXPECT_TRUE(log("run").epochs.empty());
  EXPECT_EQ(last("run").snapshot.position.step_in_epoch, 4);
}

/// What rank 1 asks to save all save, and go on.
TEST_F(RanksRun, SaveTogetherAndGoOn) {
  std::atomic<int> asked = 0;
  TrainSettings saves;
  saves.save = [&] { return ++asked == 4; };
  recipe::Recipe all = recipe("run");
  all.keep = 100;
  expect_run(all, 2, saves);
  EXPECT_EQ(outcome_.ending, Ending::finished);
  EXPECT_NE(said_.find("epoch 1/2: saved after step 2, as asked"), std::string::npos) << said_;
}

/// An image that one rank cannot load: all save the steps before, one tells.
TEST_F(RanksRun, AnImageThatOneRankCannotLoadEndsAll) {
  auto squares = std::make_unique<Squares>(TargetKind::labels, 50);
  std::atomic<int> loaded = 0;
  squares->on_image = [&](std::int64_t index) {
    if (++loaded > 50 && index == 13) fail("square13: is broken");
  };
  training_ = std::move(squares);
  validation_ = std::make_unique<Squares>(TargetKind::labels, 22, 2);
  recipe::Recipe asked = recipe("run");
  asked.label_smoothing = 0;
  asked.preprocess.size = 16;
  asked.augment.crop = data::Crop::resized;
  asked.options.norm = zoo::NormChoice::syncbn;
  const std::vector<std::string> ends = run(asked, 3);
  const std::int64_t step = last("run").snapshot.position.step;
  EXPECT_GE(step, 4);
  for (const std::string& end : ends) {
    EXPECT_TRUE(end.starts_with("rank ")) << end;
    EXPECT_NE(end.find(format(" of 3: square13: is broken; step {} is saved: put that right and go on", step)),
              std::string::npos)
        << end;
  }
}

TEST_F(RanksRun, AValidationImageThatOneRankCannotLoadEndsAll) {
  training_ = std::make_unique<Squares>(TargetKind::labels, 50);
  auto squares = std::make_unique<Squares>(TargetKind::labels, 22, 2);
  squares->broken = {9};
  validation_ = std::move(squares);
  recipe::Recipe asked = recipe("run");
  asked.label_smoothing = 0;
  asked.preprocess.size = 16;
  asked.augment.crop = data::Crop::resized;
  for (const std::string& end : run(asked, 2)) {
    EXPECT_EQ(end, "rank 1 of 2: square9: is broken; step 4 is saved: put that right and go on with --resume auto");
  }
}

/// A mistake in the recipe is told once: by one rank.
TEST_F(RanksRun, AMistakeIsToldByOneRank) {
  recipe::Recipe asked = recipe("run");
  asked.batch_size = 4;
  asked.options.norm = zoo::NormChoice::bn;
  asked.preprocess.size = 8;
  asked.accumulate = 100;
  std::atomic<int> told = 0, elsewhere = 0;
  springbok::testing::run_ranks(3, [&](engine::Group& group) {
    TrainSettings settings{.quiet = true, .say = [](const std::string&) {}};
    settings.group = &group;
    try {
      train(asked, {}, *training_, *validation_, settings);
    } catch (const EndedElsewhere& error) {
      elsewhere += error.usage ? 1 : 0;
    } catch (const UsageError&) {
      ++told;
    }
  });
  EXPECT_EQ(told, 1);
  EXPECT_EQ(elsewhere, 2);
}

/// Each rank logs its own times, the first the mean of all; an epoch's line has those of each.
TEST_F(RanksRun, EachRankLogs) {
  expect_run(recipe("run"), 3);
  for (const int rank : {0, 1, 2}) {
    const run::Lines lines = log("run", rank);
    ASSERT_EQ(lines.steps.size(), 8U);
    ASSERT_EQ(lines.epochs.size(), 2U);
    EXPECT_TRUE(lines.steps[0].wait_seconds.has_value());
    EXPECT_EQ(lines.steps[3].loss, log("run").steps[3].loss);
    ASSERT_EQ(lines.epochs[0].ranks.size(), 3U);
    EXPECT_GT(lines.epochs[0].ranks[2].compute, 0);
    EXPECT_TRUE(lines.epochs[0].ranks[2].val.empty());
  }
}

/// Elastic's protocol: each rank has statistics of its own, and evaluates all images with them.
TEST_F(RanksRun, EachRankEvaluates) {
  recipe::Recipe asked = recipe("run");
  asked.options.norm = zoo::NormChoice::bn;
  asked.ranks.bn_stats = recipe::BnStats::local;
  asked.ranks.eval = recipe::EvalBy::each_rank;
  expect_run(asked, 3);
  const run::EpochLine epoch = log("run").epochs[1];
  ASSERT_EQ(epoch.ranks.size(), 3U);
  EXPECT_EQ(metrics::value_of(epoch.ranks[0].val, "loss"), metrics::value_of(epoch.val, "loss"));
  EXPECT_NE(metrics::value_of(epoch.ranks[1].val, "loss"), metrics::value_of(epoch.val, "loss"));
  EXPECT_NE(said_.find("; 3 ranks: mean top1 "), std::string::npos) << said_;

  recipe::Recipe shared = recipe("shared");
  shared.options.norm = zoo::NormChoice::bn;
  shared.ranks.bn_stats = recipe::BnStats::local;
  expect_run(shared, 3);
  const run::EpochLine other = log("shared").epochs[1];
  EXPECT_NEAR(metrics::value_of(other.val, "loss"), metrics::value_of(epoch.val, "loss"), 1e-12)
      << "shared, it is the saved rank's statistics";
}

TEST_F(RanksRun, OneRankRefusesWhatSeveralNeed) {
  recipe::Recipe asked = recipe("run");
  asked.ranks.bn_stats = recipe::BnStats::local;
  std::string why;
  try {
    train(asked, {{"bn_stats", "--bn-stats"}}, *training_, *validation_, {.quiet = true});
  } catch (const UsageError& error) {
    why = error.what();
  }
  EXPECT_EQ(why, "--bn-stats: has no effect here; it needs several ranks, as --ranks 2 starts them");
}

}  // namespace
}  // namespace springbok::train
