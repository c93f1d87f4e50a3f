// A run that was stopped ends bit for bit where an undisturbed one ends.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "springbok/base/file.h"
#include "springbok/run/manifest.h"
#include "springbok/train/checkpoint.h"
#include "springbok/train/loop.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"
#include "tests/train/synthetic.h"

namespace springbok::train {
namespace {

using springbok::testing::message_of;
using springbok::testing::TemporaryFolder;
using Json = nlohmann::ordered_json;

class ResumeTest : public ::testing::Test {
 protected:
  recipe::Recipe recipe(const std::string& name) const {
    recipe::Recipe recipe = small_recipe(folder_ / name);
    recipe.epochs = 2;
    recipe.accumulate = 2;  // 4 steps an epoch: 16, 16, 16 and 2 images
    return recipe;
  }
  /// Runs until the `loads`-th image is loaded, then it is told to stop.
  Outcome run_until(const recipe::Recipe& recipe, int loads) {
    std::atomic<int> count{0};
    training_.on_image = [&](std::int64_t) { ++count; };
    const Outcome outcome =
        run(recipe, training_, validation_, {}, [&] { return std::string(count >= loads ? "the test" : ""); });
    training_.on_image = nullptr;
    return outcome;
  }
  Outcome resume(recipe::Recipe recipe, const recipe::Given& given = {}) {
    recipe.resume = "auto";
    return run(recipe, training_, validation_, given);
  }
  Checkpoint last(const std::string& name) const {
    const run::CheckpointFolder checkpoints(folder_ / name / "checkpoints");
    return read_checkpoint(checkpoints.path(*checkpoints.last()));
  }
  /// Steps and losses of the log, and its epochs' results, without times.
  std::string log(const std::string& name) const {
    std::istringstream text(read_text(folder_ / name / "log.jsonl"));
    std::string kept;
    for (std::string line; std::getline(text, line);) {
      Json json = Json::parse(line);
      for (const char* key : {"data_s", "compute_s", "images_s", "eval_s"}) json.erase(key);
      kept += json.dump() + '\n';
    }
    return kept;
  }
  void expect_same_end(const std::string& a, const std::string& b) const {
    EXPECT_EQ(read_file(folder_ / a / "weights.safetensors"), read_file(folder_ / b / "weights.safetensors"));
    EXPECT_EQ(log(a), log(b));
    const Checkpoint x = last(a), y = last(b);
    ASSERT_EQ(x.state.size(), y.state.size());
    for (std::size_t i = 0; i < x.state.size(); ++i) {
      EXPECT_TRUE(engine::from_plain(x.state[i].second).equal(engine::from_plain(y.state[i].second)))
          << x.state[i].first;
    }
  }

  /// A whole run of `asked(name)` ends as one does that is stopped at the `loads`-th image and goes on.
  template <class Asked>
  void expect_going_on_changes_nothing(const Asked& asked, int loads = 50 + 20) {
    run(asked("whole"), training_, validation_);
    EXPECT_EQ(run_until(asked("parts"), loads).ending, Ending::stopped);
    EXPECT_EQ(resume(asked("parts")).ending, Ending::finished);
    expect_same_end("whole", "parts");
  }

  TemporaryFolder folder_;
  Synthetic training_{50, 4}, validation_{22, 4, 2};
};

TEST_F(ResumeTest, BitForBitInTheMiddleOfAnEpochWithOtherWorkers) {
  run(recipe("whole"), training_, validation_);
  const Outcome stopped = run_until(recipe("parts"), 50 + 20);
  EXPECT_EQ(stopped.ending, Ending::stopped);
  EXPECT_EQ(stopped.stopped_by, "the test");
  EXPECT_EQ(stopped.weights, "");
  const run::Position at = last("parts").snapshot.position;
  EXPECT_EQ(at.epoch, 1);
  EXPECT_GT(at.step_in_epoch, 0);

  recipe::Recipe again = recipe("parts");
  again.workers = 3;
  EXPECT_EQ(resume(again).ending, Ending::finished);
  expect_same_end("whole", "parts");
}

/// Adam's moments and the average of the weights are part of it.
TEST_F(ResumeTest, BitForBitWithAnotherOptimizerAndAnAverage) {
  const auto asked = [&](const std::string& name) {
    recipe::Recipe one = recipe(name);
    one.optimizer.kind = recipe::OptimizerKind::adamw;
    one.rate.lr = 0.01;
    one.ema_decay = 0.8;
    return one;
  };
  expect_going_on_changes_nothing(asked);
}

/// The scale, its tracker and the count of steps left out are part of it.
TEST_F(ResumeTest, BitForBitInMixedPrecisionWithALossScale) {
  const auto asked = [&](const std::string& name) {
    recipe::Recipe one = recipe(name);
    one.precision = Precision::fp16;
    one.loss_scale = {.init = 0x1p22, .backoff = 1.0 / 64, .interval = 2};
    return one;
  };
  expect_going_on_changes_nothing(asked);
  EXPECT_NE(log("whole").find("\"overflow\":true"), std::string::npos);
  EXPECT_NE(log("whole").find("\"overflows\":"), std::string::npos);
  run(recipe("fp32"), training_, validation_);
  EXPECT_NE(read_file(folder_ / "whole" / "weights.safetensors"), read_file(folder_ / "fp32" / "weights.safetensors"));
}

TEST_F(ResumeTest, BitForBitWithAnotherLossBalancedAndMixed) {
  const auto asked = [&](const std::string& name) {
    recipe::Recipe other = recipe(name);
    other.loss.kind = recipe::LossKind::bce;
    other.loss.class_weights = "balanced";
    other.sampler = data::Sampler::balanced;
    other.mix = {.mixup = 0.4, .cutmix = 1, .prob = 0.9, .cutmix_odds = 0.3, .partner = data::MixPartner::permuted};
    return other;
  };
  expect_going_on_changes_nothing(asked);
}

/// The size of the images and what is dropped depend on the place in the run alone.
TEST_F(ResumeTest, BitForBitWithGrowingImagesAndRamps) {
  const auto asked = [&](const std::string& name) {
    recipe::Recipe one = recipe(name);
    one.epochs = 3;
    one.preprocess.size = 16;
    one.augment.crop = data::Crop::resized;
    one.progressive = {.size = 8, .step = 4};
    one.options.drop_block = 0.2;
    one.options.drop_block_size = 3;
    one.drop_from = {.dropout = 0, .drop_block = 0.05};
    return one;
  };
  std::string told;
  train(asked("whole"), {}, training_, validation_,
        {.quiet = true, .say = [&](const std::string& line) { told += line + '\n'; }});
  EXPECT_NE(told.find("epoch 1/3: training images of 8 x 8"), std::string::npos) << told;
  EXPECT_NE(told.find("epoch 2/3: training images of 12 x 12"), std::string::npos) << told;
  EXPECT_NE(told.find("epoch 3/3: training images of 16 x 16"), std::string::npos) << told;
  run_until(asked("parts"), 50 + 20);
  EXPECT_EQ(resume(asked("parts")).ending, Ending::finished);
  expect_same_end("whole", "parts");
}

/// Slow weights, the climb, an equal average with statistics of its own, what is frozen.
TEST_F(ResumeTest, BitForBitWithLookaheadSharpnessAndAnEqualAverage) {
  const auto asked = [&](const std::string& name) {
    recipe::Recipe one = recipe(name);
    one.epochs = 3;
    one.optimizer.lookahead.k = 3;
    one.sharpness.rho = 0.05;
    one.averages.swa_start = 1;
    one.groups.freeze = {"layer1"};
    return one;
  };
  run(asked("whole"), training_, validation_);
  run_until(asked("parts"), 50 + 20);
  EXPECT_EQ(last("parts").snapshot.position.epoch, 1);
  std::atomic<int> seen{0};  // of the validation images: the second time in the second epoch's evaluation
  validation_.on_image = [&](std::int64_t) { ++seen; };
  recipe::Recipe again = asked("parts");
  again.resume = "auto";
  run(again, training_, validation_, {}, [&] { return std::string(seen >= 3 ? "the test" : ""); });
  validation_.on_image = nullptr;
  EXPECT_EQ(last("parts").snapshot.position.step_in_epoch, 4);
  EXPECT_EQ(resume(asked("parts")).ending, Ending::finished);
  expect_same_end("whole", "parts");
  recipe::Recipe blunt = asked("blunt");
  blunt.sharpness.rho = 0;
  run(blunt, training_, validation_);
  EXPECT_NE(read_file(folder_ / "whole" / "weights.safetensors"), read_file(folder_ / "blunt" / "weights.safetensors"));
}

TEST_F(ResumeTest, BitForBitOnAPlateau) {
  const auto asked = [&](const std::string& name) {
    recipe::Recipe one = recipe(name);
    one.epochs = 5;
    one.warmup_epochs = 0;
    one.rate.kind = recipe::ScheduleKind::plateau;
    one.plateau = {.factor = 0.5, .patience = 0, .threshold = 1};
    return one;
  };
  expect_going_on_changes_nothing(asked, 4 * 50 + 20);
}

TEST_F(ResumeTest, BitForBitAfterAStopDuringEvaluation) {
  run(recipe("whole"), training_, validation_);
  std::atomic<bool> stop{false};
  validation_.on_image = [&](std::int64_t index) { stop = stop || index == 3; };
  const Outcome stopped =
      run(recipe("parts"), training_, validation_, {}, [&] { return std::string(stop ? "the test" : ""); });
  validation_.on_image = nullptr;
  EXPECT_EQ(stopped.ending, Ending::stopped);
  EXPECT_EQ(last("parts").snapshot.position.step_in_epoch, 4);
  EXPECT_EQ(resume(recipe("parts")).ending, Ending::finished);
  expect_same_end("whole", "parts");
}

TEST_F(ResumeTest, BitForBitAfterACrashBetweenCheckpoints) {
  run(recipe("whole"), training_, validation_);
  recipe::Recipe parts = recipe("parts");
  parts.checkpoint_steps = 3;
  training_.on_image = [count = std::make_shared<std::atomic<int>>(0)](std::int64_t) {
    if (++*count == 70) fail("the disk is gone");
  };
  EXPECT_THROW(run(parts, training_, validation_), Error);
  training_.on_image = nullptr;
  EXPECT_EQ(resume(parts).ending, Ending::finished);
  expect_same_end("whole", "parts");
}

TEST_F(ResumeTest, GoesOnInAnotherFolderFromAFile) {
  run(recipe("whole"), training_, validation_);
  run_until(recipe("parts"), 50 + 20);
  recipe::Recipe moved = recipe("moved");
  moved.resume = last("parts").path.string();
  EXPECT_EQ(run(moved, training_, validation_).ending, Ending::finished);
  const Checkpoint x = last("whole"), y = last("moved");
  for (std::size_t i = 0; i < x.state.size(); ++i) {
    EXPECT_TRUE(engine::from_plain(x.state[i].second).equal(engine::from_plain(y.state[i].second))) << x.state[i].first;
  }
}

TEST_F(ResumeTest, AutoStartsANewRunWhereThereIsNone) {
  EXPECT_EQ(resume(recipe("new")).ending, Ending::finished);
}

TEST_F(ResumeTest, AFinishedRunStaysAsItIs) {
  run(recipe("whole"), training_, validation_);
  const auto before = read_file(folder_ / "whole/weights.safetensors");
  const Outcome outcome = resume(recipe("whole"));
  EXPECT_EQ(outcome.ending, Ending::finished);
  EXPECT_EQ(outcome.trained_images, 0);
  EXPECT_GT(outcome.best.epoch, 0);
  EXPECT_EQ(read_file(folder_ / "whole/weights.safetensors"), before);
}

TEST_F(ResumeTest, NeedsNothingButTheFolder) {
  run_until(recipe("parts"), 30);
  recipe::Recipe bare;
  bare.out = (folder_ / "parts").string();
  EXPECT_EQ(resume(bare).ending, Ending::finished);
}

class RefusedResume : public ResumeTest {
 protected:
  void SetUp() override { run_until(recipe("parts"), 30); }
  template <class E = Error>
  std::string complaint(const recipe::Recipe& recipe, const recipe::Given& given = {}) {
    return message_of<E>([&] { resume(recipe, given); });
  }
};

TEST_F(RefusedResume, KeepsItsRecipe) {
  recipe::Recipe other = recipe("parts");
  other.rate.lr = 0.5;
  EXPECT_EQ(
      complaint<UsageError>(other, {{"lr", "--lr"}}),
      "--lr: a resumed run keeps its recipe; the checkpoint has 0.05, this command 0.5; to go on from there under "
      "another recipe, as a new run, type: --resume " +
          last("parts").path.string() + " --out ANOTHER --lr 0.5");
}

TEST_F(RefusedResume, OtherModel) {
  recipe::Recipe other = recipe("parts");
  other.model = "resnet32";
  EXPECT_EQ(
      complaint<UsageError>(other, {{"model", "--model"}}),
      "--model: the checkpoint is of \"resnet20\", this command asks for \"resnet32\"; a new run takes what fits of "
      "weights: --init " +
          last("parts").path.string() + " --out ANOTHER");
}

TEST_F(RefusedResume, OtherClasses) {
  training_.labels[2] = "zebra";
  EXPECT_NE(complaint(recipe("parts"))
                .find("was trained on other classes: 4 then, 4 now; the first that differs: "
                      "'class2' then, 'zebra' now"),
            std::string::npos);
}

TEST_F(RefusedResume, OtherImages) {
  const Synthetic other(50, 4, 9);
  recipe::Recipe again = recipe("parts");
  again.resume = "auto";
  EXPECT_NE(message_of<Error>([&] { run(again, other, validation_); }).find("was trained on other images"),
            std::string::npos);
}

TEST_F(RefusedResume, CutCheckpoint) {
  const std::filesystem::path path = last("parts").path;
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  EXPECT_NE(complaint(recipe("parts")).find(path.string() + ": cut or altered since it was saved"), std::string::npos);
}

TEST_F(RefusedResume, MissingFile) {
  recipe::Recipe again = recipe("elsewhere");
  again.resume = (folder_ / "none.pt").string();
  EXPECT_EQ(message_of<Error>([&] { run(again, training_, validation_); }),
            "--resume: there is no file or folder " + (folder_ / "none.pt").string());
}

TEST_F(ResumeTest, OtherThreadsContinueWithOneWarning) {
  recipe::Recipe one = recipe("parts");
  one.epochs = 1;
  std::atomic<bool> stop{false};  // all that is left is the evaluation
  validation_.on_image = [&](std::int64_t) { stop = true; };
  run(one, training_, validation_, {}, [&] { return std::string(stop ? "the test" : ""); });
  validation_.on_image = nullptr;
  one.resume = "auto";
  one.threads = 2;
  int warnings = 0;
  const auto say = [&](const std::string& line) {
    warnings += line.starts_with("warning: 2 compute threads, the checkpoint used 1");
  };
  const recipe::Given given = {{"threads", "--threads"}};
  const Outcome outcome = train(one, given, training_, validation_, {.quiet = true, .say = say});
  EXPECT_EQ(outcome.ending, Ending::finished);
  EXPECT_EQ(warnings, 1);
}

TEST_F(RefusedResume, ThreadsAreKeptUnlessGiven) {
  recipe::Recipe again = recipe("parts");
  again.threads = 2;
  EXPECT_EQ(resume(again).ending, Ending::finished);
  EXPECT_EQ(last("parts").snapshot.threads, 1);
}

}  // namespace
}  // namespace springbok::train
