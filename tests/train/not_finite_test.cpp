// What a run does about steps that are not finite: it names them, leaves them out, goes back, and repeats them exactly.
#include <ATen/ops/scalar_tensor.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>

#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/engine/memory.h"
#include "springbok/run/line.h"
#include "springbok/run/manifest.h"
#include "springbok/tasks/classify.h"
#include "springbok/train/checkpoint.h"
#include "springbok/train/loop.h"
#include "springbok/train/replay.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"
#include "tests/train/synthetic.h"

namespace springbok::train {
namespace {

using recipe::NanPolicy;
using springbok::testing::message_of;
using springbok::testing::TemporaryFolder;

class NotFiniteTest : public ::testing::Test {
 protected:
  /// 7 steps an epoch, a batch each.
  recipe::Recipe recipe(const std::string& name, NanPolicy policy) const {
    recipe::Recipe recipe = small_recipe(folder_ / name);
    recipe.epochs = 2;
    recipe.on_nan.policy = policy;
    recipe.checkpoint_steps = 1;
    recipe.keep = 100;
    return recipe;
  }
  /// Runs with a loss that is no number the `bad`-th time it is asked for, and again until `until`.
  Outcome run_with(const recipe::Recipe& recipe, int bad, int until = 0,
                   const std::function<std::string()>& stop = {}) {
    TrainSettings settings{
        .quiet = true, .say = [this](const std::string& line) { told_ += line + '\n'; }, .stop = stop};
    settings.own.loss = [=, count = std::make_shared<int>(0)](const at::Tensor& output,
                                                              const tasks::MixedTargets& targets) {
      const at::Tensor sum = tasks::cross_entropy_sum(output, targets, 0.1);
      ++*count;
      return *count >= bad && *count <= std::max(bad, until) ? sum.mul(std::numeric_limits<double>::quiet_NaN()) : sum;
    };
    return train(recipe, {}, training_, validation_, settings);
  }
  run::Lines log(const std::string& name) const { return run::read_lines(folder_ / name / "log.jsonl"); }
  std::vector<std::int64_t> steps(const std::string& name) const {
    std::vector<std::int64_t> numbers;
    for (const run::StepLine& step : log(name).steps) numbers.push_back(step.step);
    return numbers;
  }
  nlohmann::ordered_json record(const std::string& name) const {
    return parse_json(read_text(folder_ / name / "run.json"));
  }
  Checkpoint at_step(const std::string& name, std::int64_t step) const {
    const run::CheckpointFolder checkpoints(folder_ / name / "checkpoints");
    for (const run::Listed& entry : checkpoints.listed()) {
      if (entry.step == step) return read_checkpoint(checkpoints.path(entry));
    }
    throw std::runtime_error("no checkpoint of step " + std::to_string(step));
  }
  std::vector<std::byte> weights(const std::string& name) const {
    return read_file(folder_ / name / "weights.safetensors");
  }

  TemporaryFolder folder_;
  std::string told_;
  Synthetic training_{50, 4}, validation_{22, 4, 2};
};

/// The loss is finite, the gradient of a root at 0 is not; no clipping measures it.
TEST_F(NotFiniteTest, GradientsAreLookedAtWithoutClipping) {
  TrainSettings settings{.quiet = true, .say = [](const std::string&) {}};
  settings.own.loss = [](const at::Tensor& output, const tasks::MixedTargets& targets) {
    return tasks::cross_entropy_sum(output, targets, 0).add(output.mul(0).sqrt().sum());
  };
  const std::string message =
      message_of<Error>([&] { train(recipe("run", NanPolicy::stop), {}, training_, validation_, settings); });
  EXPECT_TRUE(
      message.starts_with("step 1: a gradient is not finite; first layer of the backward pass whose gradient "
                          "is not finite: fc.bias; images: sample"))
      << message;
}

TEST_F(NotFiniteTest, ASkippedStepMovesNothingAndIsCounted) {
  run_with(recipe("run", NanPolicy::skip), 3);
  EXPECT_EQ(steps("run"), (std::vector<std::int64_t>{1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}));
  const Checkpoint before = at_step("run", 2), after = at_step("run", 3);
  for (std::size_t i = 0; i < before.state.size(); ++i) {
    EXPECT_TRUE(engine::from_plain(before.state[i].second).equal(engine::from_plain(after.state[i].second)))
        << before.state[i].first;
  }
  EXPECT_EQ(after.snapshot.position.skipped, 1);
  const run::Lines lines = log("run");
  ASSERT_EQ(lines.events.size(), 1U);
  EXPECT_EQ(lines.events[0].what, "skipped");
  EXPECT_EQ(lines.events[0].step, 3);
  EXPECT_TRUE(lines.events[0].text.starts_with("step 3: the loss is nan; ")) << lines.events[0].text;
  EXPECT_TRUE(lines.events[0].text.ends_with("its update is left out (1 of at most 10)")) << lines.events[0].text;
  EXPECT_EQ(record("run")["skipped_steps"], 1);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "run/not_finite-step-00000003.pt"));
}

/// The next step is another one: its rate and its images are those of an undisturbed run.
TEST_F(NotFiniteTest, AfterASkippedStepTheNextHasItsOwnPlace) {
  run_with(recipe("run", NanPolicy::skip), 1);
  run_with(recipe("whole", NanPolicy::skip), 1000);
  EXPECT_EQ(log("run").steps[0].lr, log("whole").steps[1].lr);
  EXPECT_EQ(log("run").steps[0].step, 2);
}

/// A step of three batches, the second of which is bad: the third is passed over with it.
TEST_F(NotFiniteTest, TheRestOfASkippedStepsBatchesGoesWithIt) {
  recipe::Recipe one = recipe("run", NanPolicy::skip);
  one.accumulate = 3;  // steps of 24, 24 and 2 images
  run_with(one, 2);
  EXPECT_EQ(steps("run"), (std::vector<std::int64_t>{2, 3, 4, 5, 6}));
  EXPECT_EQ(metrics::samples_of(at_step("run", 2).snapshot.position.sums), 24);
}

TEST_F(NotFiniteTest, TooManySkippedStepsEndTheRun) {
  recipe::Recipe one = recipe("run", NanPolicy::skip);
  one.on_nan.limit = 2;
  const std::string message = message_of<Error>([&] { run_with(one, 3, 1000); });
  EXPECT_TRUE(message.starts_with("step 5: the loss is nan; ")) << message;
  EXPECT_NE(message.find("; 2 such steps before reached --nan-limit; try a lower --lr"), std::string::npos) << message;
}

/// A fault that passes leaves no trace where neither rate nor seed change.
TEST_F(NotFiniteTest, ARollbackGoesOnFromTheLastCheckpoint) {
  recipe::Recipe one = recipe("run", NanPolicy::rollback);
  one.on_nan.lr = 1;
  one.checkpoint_steps = 0;
  run_with(one, 10);
  recipe::Recipe whole = one;
  whole.out = (folder_ / "whole").string();
  run_with(whole, 1000);
  EXPECT_EQ(weights("run"), weights("whole"));
  EXPECT_EQ(steps("run"), steps("whole"));
  ASSERT_EQ(log("run").events.size(), 1U);
  EXPECT_EQ(log("run").events[0].what, "rollback");
  EXPECT_EQ(log("run").events[0].step, 7);
  EXPECT_EQ(record("run")["rollbacks"], 1);
}

TEST_F(NotFiniteTest, ARollbackLowersTheRateFromThereOn) {
  run_with(recipe("run", NanPolicy::rollback), 10);
  run_with(recipe("whole", NanPolicy::rollback), 1000);
  const run::Lines now = log("run"), whole = log("whole");
  ASSERT_EQ(now.steps.size(), 14U);
  for (std::size_t i = 0; i < 14; ++i)
    EXPECT_EQ(now.steps[i].lr, i < 9 ? whole.steps[i].lr : 0.5 * whole.steps[i].lr) << i;
}

TEST_F(NotFiniteTest, ARollbackMayDrawAnew) {
  recipe::Recipe one = recipe("run", NanPolicy::rollback);
  one.on_nan.lr = 1;
  one.on_nan.seed = true;
  run_with(one, 10);
  recipe::Recipe whole = one;
  whole.out = (folder_ / "whole").string();
  run_with(whole, 1000);
  EXPECT_EQ(log("run").steps[8].loss, log("whole").steps[8].loss);
  EXPECT_NE(log("run").steps[9].loss, log("whole").steps[9].loss);
}

TEST_F(NotFiniteTest, TheFirstEpochGoesBackToTheStart) {
  recipe::Recipe one = recipe("run", NanPolicy::rollback);
  one.checkpoint_steps = 0;
  run_with(one, 4);
  EXPECT_EQ(log("run").events[0].step, 0);
  EXPECT_EQ(steps("run").size(), 14U);
}

/// From the checkpoint of step 6 each attempt breaks in step 7; from that of step 5 the run gets through.
TEST_F(NotFiniteTest, ACheckpointThatLeadsThereAgainIsForgotten) {
  recipe::Recipe one = recipe("run", NanPolicy::rollback);
  const auto breaks = [](int ask) { return ask == 7 || ask == 8; };
  TrainSettings settings{.quiet = true, .say = [this](const std::string& line) { told_ += line + '\n'; }};
  settings.own.loss = [&, count = std::make_shared<int>(0)](const at::Tensor& output,
                                                            const tasks::MixedTargets& targets) {
    const at::Tensor sum = tasks::cross_entropy_sum(output, targets, 0.1);
    return breaks(++*count) ? sum.mul(std::numeric_limits<double>::quiet_NaN()) : sum;
  };
  EXPECT_EQ(train(one, {}, training_, validation_, settings).ending, Ending::finished);
  const run::Lines lines = log("run");
  EXPECT_NE(told_.find("; gone back to step 6, with a learning rate of "), std::string::npos) << told_;
  ASSERT_EQ(lines.events.size(), 1U) << "the log goes on behind step 5: what was written of step 6 is gone";
  EXPECT_EQ(lines.events[0].step, 5);
  EXPECT_NE(
      lines.events[0].text.find("; gone back to step 5, as that of step 6 led here again, with a learning rate of "),
      std::string::npos)
      << lines.events[0].text;
  const run::CheckpointFolder checkpoints(folder_ / "run/checkpoints");
  const auto of_six = std::count_if(checkpoints.listed().begin(), checkpoints.listed().end(),
                                    [](const run::Listed& each) { return each.step == 6; });
  EXPECT_EQ(of_six, 1) << "the one of the second attempt";
  EXPECT_TRUE(checkpoints.unlisted().empty());
}

TEST_F(NotFiniteTest, RollbacksAreBounded) {
  recipe::Recipe one = recipe("run", NanPolicy::rollback);
  one.on_nan.limit = 3;
  const std::string message = message_of<Error>([&] { run_with(one, 4, 1000); });
  EXPECT_NE(message.find("; 3 such steps before reached --nan-limit"), std::string::npos) << message;
}

/// Rate and seed of after a rollback are part of a checkpoint.
TEST_F(NotFiniteTest, StoppedAndResumedAfterARollbackTheRunEndsTheSame) {
  const auto drawn = [&](const std::string& name) {
    recipe::Recipe one = recipe(name, NanPolicy::rollback);
    one.on_nan.seed = true;
    return one;
  };
  run_with(drawn("whole"), 5);
  int count = 0;
  run_with(drawn("parts"), 5, 0, [&] { return std::string(++count == 11 ? "the test" : ""); });
  recipe::Recipe again = drawn("parts");
  again.resume = "auto";
  EXPECT_EQ(run_with(again, 1000).ending, Ending::finished);
  EXPECT_EQ(weights("parts"), weights("whole"));
}

/// The run's own loss is not in the file; numbers that are too large are.
TEST_F(NotFiniteTest, ADumpIsReplayedToTheLastBit) {
  recipe::Recipe bad = recipe("run", NanPolicy::stop);
  bad.rate.lr = 1e30;
  bad.warmup_epochs = 0;
  bad.accumulate = 2;
  bad.mix.mixup = 1;
  const std::string message = message_of<Error>([&] { run(bad, training_, validation_); });
  const Replayed replayed = replay(folder_ / "run/not_finite-step-00000002.pt");
  EXPECT_TRUE(message.starts_with(replayed.then.error + "; images: ")) << message << "\n" << replayed.then.error;
  EXPECT_EQ(replayed.then, replayed.now) << replayed.now.error;
  EXPECT_FALSE(replayed.now.losses.empty());
  EXPECT_EQ(replayed.step, 2);
  EXPECT_EQ(replayed.images.size(), 8U);
}

/// Its file is named in the recipe; another one under that name is told of.
TEST_F(NotFiniteTest, ADumpOfARunWithATeacherIsReplayed) {
  const recipe::Recipe teacher = recipe("teacher", NanPolicy::stop);
  run(teacher, training_, validation_);
  recipe::Recipe bad = recipe("run", NanPolicy::stop);
  bad.loss.teacher = (folder_ / "teacher/weights.safetensors").string();
  bad.rate.lr = 1e30;
  bad.warmup_epochs = 0;
  const std::string message = message_of<Error>([&] { run(bad, training_, validation_); });
  const std::string dump = (folder_ / "run/not_finite-step-00000002.pt").string();
  const Replayed replayed = replay(dump);
  EXPECT_TRUE(message.starts_with(replayed.then.error + "; images: ")) << message << "\n" << replayed.then.error;
  EXPECT_EQ(replayed.then, replayed.now) << replayed.now.error;

  recipe::Recipe other = teacher;
  other.seed = 7;
  other.out = (folder_ / "other").string();
  run(other, training_, validation_);
  std::filesystem::copy_file(folder_ / "other/weights.safetensors", bad.loss.teacher,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(message_of<Error>([&] { replay(dump); }),
            dump + ": its teacher " + bad.loss.teacher +
                " is another file now (SHA-256 differs); put the old one there to repeat the step");
  recipe::Recipe again = bad;
  again.resume = "auto";
  EXPECT_EQ(message_of<Error>([&] { run(again, training_, validation_); }),
            "--teacher " + bad.loss.teacher +
                ": is another file than this run learnt from (SHA-256 differs); put the old one there, or go on as "
                "another run with --resume " +
                bad.out + " --out NEW");
  std::filesystem::remove(bad.loss.teacher);
  EXPECT_EQ(message_of<Error>([&] { replay(dump); }),
            dump + ": its teacher " + bad.loss.teacher +
                " is no file here; repeat the step in the folder where the run was trained");
}

TEST_F(NotFiniteTest, AGradientsDumpIsReplayedToo) {
  recipe::Recipe bad = recipe("run", NanPolicy::stop);
  bad.rate.lr = 1e17;
  bad.warmup_epochs = 0;
  bad.clip_norm = 1e30;
  EXPECT_NE(message_of<Error>([&] { run(bad, training_, validation_); }).find("the gradient's norm is "),
            std::string::npos);
  const Replayed replayed = replay(folder_ / "run/not_finite-step-00000002.pt");
  EXPECT_EQ(replayed.then, replayed.now) << replayed.then.error << "\n" << replayed.now.error;
}

TEST_F(NotFiniteTest, ADumpOfALossOfOnesOwnIsRefused) {
  message_of<Error>([&] { run_with(recipe("run", NanPolicy::stop), 1); });
  const std::string path = (folder_ / "run/not_finite-step-00000001.pt").string();
  EXPECT_EQ(
      message_of<Error>([&] { replay(path); }),
      path + ": its network, loss or rate were a program's own; only that program can repeat it (train/stepper.h)");
}

TEST(StepOutcomes, AreComparedToTheLastBit) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ((StepOutcome{"a", {1, nan}}), (StepOutcome{"a", {1, -nan}}));
  EXPECT_FALSE((StepOutcome{"a", {1}}) == (StepOutcome{"a", {1 + 1e-15}}));
  EXPECT_FALSE((StepOutcome{"a", {1}}) == (StepOutcome{"b", {1}}));
  EXPECT_FALSE((StepOutcome{"a", {1}}) == (StepOutcome{"a", {}}));
}

TEST_F(NotFiniteTest, OutOfMemorySavesAndSaysWhatToLower) {
  TrainSettings settings{.quiet = true, .say = [](const std::string&) {}};
  settings.own.loss = [count = 0](const at::Tensor& output, const tasks::MixedTargets& targets) mutable {
    if (++count == 3) throw engine::OutOfMemory("conv1: not enough memory");
    return tasks::cross_entropy_sum(output, targets, 0);
  };
  const std::string out = (folder_ / "run").string();
  EXPECT_EQ(message_of<Error>([&] { train(recipe("run", NanPolicy::stop), {}, training_, validation_, settings); }),
            "out of memory in step 3: conv1: not enough memory; lower --batch-size (8 images of 8 x 8); the same steps "
            "make --batch-size 4 --accumulate 2; --recompute takes less memory; or lower --size or --workers; "
            "step 2 is saved: go on with --resume " +
                out + " --out ANOTHER");
}

TEST_F(NotFiniteTest, EarlyStoppingEndsTheRunAndIsRecorded) {
  recipe::Recipe one = recipe("run", NanPolicy::stop);
  one.epochs = 50;
  one.rate.lr = 1e-9;  // nothing gets better
  one.early_stop = 2;
  const Outcome outcome = run_with(one, 1000);
  EXPECT_EQ(outcome.ending, Ending::finished);
  const run::Lines lines = log("run");
  ASSERT_LT(lines.epochs.size(), 50U);
  EXPECT_EQ(static_cast<std::int64_t>(lines.epochs.size()), outcome.best.epoch + 2);
  ASSERT_EQ(lines.events.size(), 1U);
  EXPECT_EQ(lines.events[0].what, "early_stop");
  EXPECT_EQ(record("run")["stopped_early_after"], outcome.best.epoch + 2);
  EXPECT_EQ(record("run")["finished"], true);
  one.resume = "auto";
  EXPECT_EQ(run_with(one, 1000).trained_images, 0);
  EXPECT_EQ(log("run").events.size(), 1U);
}

TEST_F(NotFiniteTest, ACallerMayAskForACheckpoint) {
  recipe::Recipe one = recipe("run", NanPolicy::stop);
  one.checkpoint_steps = 0;
  int asked = 0;
  train(one, {}, training_, validation_,
        {.quiet = true, .say = [](const std::string&) {}, .save = [&] { return ++asked == 3; }});
  EXPECT_EQ(at_step("run", 3).snapshot.position.step_in_epoch, 3);
}

}  // namespace
}  // namespace springbok::train
