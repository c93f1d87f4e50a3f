// What a caller may bring of its own: a network, a loss, a rate, callbacks that stop; and several trainings at once.
#include <ATen/ops/mul.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "springbok/base/file.h"
#include "springbok/graph/build.h"
#include "springbok/tasks/classify.h"
#include "springbok/train/loop.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"
#include "tests/train/synthetic.h"

namespace springbok::train {
namespace {

using springbok::testing::message_of;
using springbok::testing::TemporaryFolder;

class OwnTest : public ::testing::Test {
 protected:
  TrainSettings quiet() const {
    return {.quiet = true, .say = [](const std::string&) {}};
  }
  recipe::Recipe recipe(const std::string& name) const { return small_recipe(folder_ / name); }
  Outcome train_with(const recipe::Recipe& recipe, const TrainSettings& settings) {
    return train(recipe, {}, training_, validation_, settings);
  }

  TemporaryFolder folder_;
  Synthetic training_{50, 4}, validation_{22, 4, 2};
};

TEST_F(OwnTest, CallbacksAreToldAllAndStopTheRun) {
  std::vector<run::StepLine> steps;
  std::vector<run::EpochLine> epochs;
  TrainSettings settings = quiet();
  settings.on_step = [&](const run::StepLine& line) {
    steps.push_back(line);
    return std::string(line.step == 9 ? "enough" : "");
  };
  settings.on_epoch = [&](const run::EpochLine& line) {
    epochs.push_back(line);
    return std::string();
  };
  const Outcome stopped = train_with(recipe("a"), settings);
  EXPECT_EQ(stopped.ending, Ending::stopped);
  EXPECT_EQ(stopped.stopped_by, "enough");
  ASSERT_EQ(steps.size(), 9U);
  ASSERT_EQ(epochs.size(), 1U);
  EXPECT_EQ(epochs[0].step, 7);
  EXPECT_GT(steps[8].lr, 0);
  settings.on_step = nullptr;
  settings.on_epoch = [](const run::EpochLine& line) { return std::string(line.epoch == 2 ? "two will do" : ""); };
  recipe::Recipe again = recipe("a");
  again.resume = "auto";
  const Outcome second = train_with(again, settings);
  EXPECT_EQ(second.stopped_by, "two will do");
  EXPECT_EQ(second.best.epoch > 0, true);
  EXPECT_EQ(run::read_lines(folder_ / "a/log.jsonl").steps.size(), 14U);
}

TEST_F(OwnTest, ANetworkThatTheZooDoesNotHave) {
  graph::Graph own;
  const graph::Scope root{&own, ""};
  const graph::Value x =
      graph::relu(graph::conv(root / "conv", graph::input(own, 1), {.out = 8, .kernel = 3, .padding = 1}));
  graph::output(graph::linear(root / "fc", graph::flatten(graph::global_pool(x)), {.out = 4}));
  recipe::Recipe mine = recipe("own");
  mine.model = "my_net";
  mine.options = {};
  TrainSettings settings = quiet();
  settings.own.graph = &own;
  const Outcome outcome = train_with(mine, settings);
  EXPECT_EQ(outcome.ending, Ending::finished);
  EXPECT_NE(read_text(outcome.weights).find("my_net"), std::string::npos);
  mine.out = (folder_ / "unsized").string();
  mine.preprocess.size = 0;
  EXPECT_EQ(message_of<Error>([&] { train_with(mine, settings); }),
            "--size: a network of one's own needs the size of its images");
}

TEST_F(OwnTest, ALossAndARate) {
  std::vector<double> rates;
  TrainSettings settings = quiet();
  settings.own.rate = [](std::int64_t step) { return 0.001 * static_cast<double>(step + 1); };
  settings.own.loss = [](const at::Tensor& output, const tasks::MixedTargets& targets) {
    return at::mul(tasks::cross_entropy_sum(output, targets), 2);
  };
  settings.on_step = [&](const run::StepLine& line) {
    rates.push_back(line.lr);
    return std::string();
  };
  recipe::Recipe plain = recipe("plain"), doubled = recipe("doubled");
  plain.epochs = doubled.epochs = 1;
  plain.label_smoothing = doubled.label_smoothing = 0;
  train_with(doubled, settings);
  EXPECT_EQ(rates[2], 0.001 * 3);
  settings.own.loss = nullptr;
  train_with(plain, settings);
  const double one = run::read_lines(folder_ / "plain/log.jsonl").steps[0].loss;
  EXPECT_DOUBLE_EQ(run::read_lines(folder_ / "doubled/log.jsonl").steps[0].loss, 2 * one);
}

/// Each ends as it does alone.
TEST_F(OwnTest, TwoTrainingsInOneProcess) {
  run(recipe("alone"), training_, validation_);
  const auto log = [&](const std::string& name) {
    std::string text;
    for (const run::StepLine& line : run::read_lines(folder_ / name / "log.jsonl").steps)
      text += format("{} ", line.loss);
    return text;
  };
  std::vector<std::thread> threads;
  for (const char* name : {"one", "two"}) {
    threads.emplace_back([&, name] { run(recipe(name), training_, validation_); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(log("one"), log("alone"));
  EXPECT_EQ(log("two"), log("alone"));
}

}  // namespace
}  // namespace springbok::train
