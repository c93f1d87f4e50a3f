// A branch goes on from another run's checkpoint under a changed recipe, and says from where and what changed.
#include "springbok/train/branch.h"

#include <gtest/gtest.h>

#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/run/line.h"
#include "springbok/run/manifest.h"
#include "springbok/train/loop.h"
#include "springbok/train/optim/rules.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"
#include "tests/train/synthetic.h"

namespace springbok::train {
namespace {

using springbok::testing::message_of;
using springbok::testing::TemporaryFolder;

class BranchTest : public ::testing::Test {
 protected:
  recipe::Recipe recipe(const std::string& name) const {
    recipe::Recipe recipe = small_recipe(folder_ / name);  // 7 steps an epoch
    recipe.epochs = 2;
    return recipe;
  }
  Checkpoint last(const std::string& name) const {
    const run::CheckpointFolder checkpoints(folder_ / name / "checkpoints");
    return read_checkpoint(checkpoints.path(*checkpoints.last()));
  }
  /// A new run that goes on from the last checkpoint of `parent`, with what `change` sets given on purpose.
  template <class Change>
  void branch(const std::string& parent, const std::string& name, const std::vector<std::string>& keys, Change change) {
    recipe::Recipe asked;
    asked.out = (folder_ / name).string();
    asked.resume = last(parent).path.string();
    change(asked);
    recipe::Given given;
    for (const std::string& key : keys) given[key] = "--" + key;
    train(asked, given, training_, validation_,
          {.quiet = true, .say = [&](const std::string& line) { told_ += line + '\n'; }});
  }
  nlohmann::ordered_json record(const std::string& name) const {
    return parse_json(read_text(folder_ / name / "run.json"));
  }
  void expect_same_weights(const std::string& a, const std::string& b) const {
    EXPECT_EQ(read_file(folder_ / a / "weights.safetensors"), read_file(folder_ / b / "weights.safetensors"));
  }

  TemporaryFolder folder_;
  std::string told_;
  Synthetic training_{50, 4}, validation_{22, 4, 2};
};

/// Under a rate that does not know of the run's length, more epochs are what they had been from the start.
TEST_F(BranchTest, MoreEpochsAreThoseOfALongerRun) {
  const auto constant = [&](const std::string& name, std::int64_t epochs) {
    recipe::Recipe one = recipe(name);
    one.rate.kind = recipe::ScheduleKind::constant;
    one.epochs = epochs;
    return one;
  };
  run(constant("long", 3), training_, validation_);
  run(constant("parent", 2), training_, validation_);
  branch("parent", "more", {"epochs"}, [](recipe::Recipe& r) { r.epochs = 3; });
  const Checkpoint a = last("long"), b = last("more");
  ASSERT_EQ(a.state.size(), b.state.size());
  for (std::size_t i = 0; i < a.state.size(); ++i) {
    EXPECT_TRUE(engine::from_plain(a.state[i].second).equal(engine::from_plain(b.state[i].second))) << a.state[i].first;
  }
}

TEST_F(BranchTest, NamesItsParentAndWhatChanged) {
  run(recipe("parent"), training_, validation_);
  const Checkpoint from = last("parent");
  branch("parent", "child", {"epochs", "lr"}, [](recipe::Recipe& r) {
    r.epochs = 4;
    r.rate.lr = 0.01;
  });
  const nlohmann::ordered_json parent = record("child")["parent"];
  EXPECT_EQ(parent["run"], std::filesystem::canonical(folder_ / "parent").string());
  EXPECT_EQ(parent["checkpoint"], std::filesystem::canonical(from.path).string());
  EXPECT_EQ(parent["sha256"], sha256_file(from.path));
  EXPECT_EQ(parent["epoch"], 2);
  EXPECT_EQ(parent["step"], 14);
  EXPECT_EQ(parent["changed"].dump(), R"({"epochs":[2,4],"lr":[0.05,0.01]})");
  EXPECT_NE(told_.find("a new run that goes on from there; changed: epochs 2 -> 4, lr 0.05 -> 0.01\n"),
            std::string::npos)
      << told_;
  EXPECT_EQ(record("child")["recipe"]["epochs"], 4);
  EXPECT_EQ(last("child").snapshot.position.epoch, 4);
}

TEST_F(BranchTest, StoppedAndResumedItKeepsItsParent) {
  run(recipe("parent"), training_, validation_);
  recipe::Recipe asked;
  asked.out = (folder_ / "child").string();
  asked.resume = last("parent").path.string();
  asked.epochs = 4;
  std::atomic<int> count{0};
  training_.on_image = [&](std::int64_t) { ++count; };
  run(asked, training_, validation_, {{"epochs", "--epochs"}}, [&] { return std::string(count > 20 ? "test" : ""); });
  training_.on_image = nullptr;
  const std::string before = record("child")["parent"].dump();
  asked.resume = "auto";
  EXPECT_EQ(run(asked, training_, validation_).ending, Ending::finished);
  EXPECT_EQ(record("child")["parent"].dump(), before);
}

/// An epoch of 50 images: 7 steps of 8 become 13 of 4.
TEST_F(BranchTest, AnotherBatchCountsInItsOwnSteps) {
  run(recipe("parent"), training_, validation_);
  branch("parent", "child", {"epochs", "batch_size"}, [](recipe::Recipe& r) {
    r.epochs = 3;
    r.batch_size = 4;
  });
  const run::Lines log = run::read_lines(folder_ / "child/log.jsonl");
  ASSERT_EQ(log.steps.size(), 13U);
  EXPECT_EQ(log.steps.front().step, 27);
  EXPECT_EQ(log.epochs.front().step, 39);
  EXPECT_EQ(log.epochs.front().epoch, 3);
}

/// What momentum a parameter has goes on with it, whatever group it is in now.
TEST(TakeOver, FindsEachParameterInOtherGroups) {
  Learner learner(zoo::build("resnet20", {.classes = 4, .channels = 1}), 1);
  const auto made = [&](bool norm_decay) {
    recipe::OptimizerSettings settings;
    settings.kind = recipe::OptimizerKind::adamw;
    return make_optimizer(decay_groups(learner.graph, learner.state, 0.1, norm_decay), {}, settings);
  };
  const std::unique_ptr<Optimizer> one = made(true), two = made(false);
  for (const ParamGroup& group : one->groups()) {
    for (const Slot& slot : group.slots) {
      at::Tensor value = slot.value;
      value.mutable_grad() = value.detach().add(1);
    }
  }
  one->step(0.1);
  two->take_over(*one);
  ASSERT_EQ(one->groups().size(), 1U);
  ASSERT_EQ(two->groups().size(), 2U);
  one->clear_gradients();
  const std::unique_ptr<Optimizer> back = made(true);
  back->take_over(*two);
  const tensors::Dict a = one->state_dict(0.1), b = back->state_dict(0.1);
  const auto &x = *tensors::find_as<tensors::Dict>(a, "state"), &y = *tensors::find_as<tensors::Dict>(b, "state");
  ASSERT_EQ(x.size(), y.size());
  for (const auto& [key, value] : x) {
    const auto& first = std::get<tensors::Dict>(value.data);
    const auto& second = std::get<tensors::Dict>(tensors::find(y, key)->data);
    EXPECT_TRUE(engine::from_plain(*tensors::find_as<tensors::Tensor>(first, "exp_avg"))
                    .equal(engine::from_plain(*tensors::find_as<tensors::Tensor>(second, "exp_avg"))));
  }
}

TEST_F(BranchTest, AnotherOptimizerAndAnAverageStartAnew) {
  run(recipe("parent"), training_, validation_);
  branch("parent", "child", {"epochs", "optimizer", "ema_decay"}, [](recipe::Recipe& r) {
    r.epochs = 3;
    r.optimizer.kind = recipe::OptimizerKind::adamw;
    r.ema_decay = 0.9;
  });
  EXPECT_EQ(last("child").snapshot.position.epoch, 3);
}

/// The parent's groups hold fewer parameters than the child's.
TEST_F(BranchTest, LayersThatWereFrozenLearn) {
  recipe::Recipe parent = recipe("parent");
  parent.groups.freeze = {"backbone"};
  parent.optimizer.lookahead.k = 2;
  run(parent, training_, validation_);
  branch("parent", "child", {"epochs", "freeze", "swa_start"}, [](recipe::Recipe& r) {
    r.epochs = 3;
    r.groups.freeze = {};
    r.averages.swa_start = 1;
  });
  const auto first = [&](const std::string& name) { return engine::from_plain(last(name).state[0].second).clone(); };
  EXPECT_FALSE(first("child").equal(first("parent")));
}

TEST_F(BranchTest, OfAFinishedRunUnchangedItReleasesAndReportsItsEvaluation) {
  const Outcome parent = run(recipe("parent"), training_, validation_);
  recipe::Recipe asked;
  asked.out = (folder_ / "copy").string();
  asked.resume = last("parent").path.string();
  const Outcome copy = run(asked, training_, validation_);
  EXPECT_EQ(copy.best.epoch, 2);
  EXPECT_EQ(copy.best.metrics, parent.last);
  EXPECT_EQ(record("copy")["parent"]["changed"].size(), 0U);
}

TEST_F(BranchTest, NothingLeftToTrainIsSaid) {
  run(recipe("parent"), training_, validation_);
  const std::string path = last("parent").path.string();
  EXPECT_EQ(
      message_of<UsageError>([&] { branch("parent", "child", {"lr"}, [](recipe::Recipe& r) { r.rate.lr = 0.01; }); }),
      "--epochs: 2 in all leave nothing to train: " + path + " has 2 behind it; give more");
}

TEST_F(BranchTest, APlaceThatNoStepMeetsIsSaid) {
  std::atomic<int> count{0};
  training_.on_image = [&](std::int64_t) { ++count; };
  recipe::Recipe parent = recipe("parent");
  parent.workers = 0;
  run(parent, training_, validation_, {}, [&] { return std::string(count >= 16 ? "test" : ""); });
  training_.on_image = nullptr;
  EXPECT_EQ(
      message_of<UsageError>(
          [&] { branch("parent", "child", {"batch_size"}, [](recipe::Recipe& r) { r.batch_size = 5; }); }),
      "--batch-size: the checkpoint stands 16 images into epoch 1, where steps of 5 do not come; give a batch that "
      "divides them, or branch from a checkpoint at an epoch's end");
  branch("parent", "other", {"batch_size"}, [](recipe::Recipe& r) { r.batch_size = 16; });
  EXPECT_EQ(run::read_lines(folder_ / "other/log.jsonl").steps.front().step, 2);
}

}  // namespace
}  // namespace springbok::train
