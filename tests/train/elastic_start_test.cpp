// Runs that go on from Elastic's checkpoints, and that accumulate as Elastic does.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "springbok/base/file.h"
#include "springbok/run/manifest.h"
#include "springbok/tensors/plain.h"
#include "springbok/tensors/write.h"
#include "springbok/train/checkpoint.h"
#include "springbok/train/loop.h"
#include "tests/support/message_of.h"
#include "tests/support/squares.h"
#include "tests/support/temporary_folder.h"
#include "tests/train/synthetic.h"

namespace springbok::train {
namespace {

using springbok::testing::message_of;
using springbok::testing::Squares;
using springbok::testing::TemporaryFolder;

class ElasticStartTest : public ::testing::Test {
 protected:
  recipe::Recipe recipe(const std::string& name) const {
    recipe::Recipe recipe = small_recipe(folder_ / name);
    recipe.epochs = 4;
    recipe.keep = 10;
    recipe.warmup_epochs = 0;
    recipe.rate.kind = recipe::ScheduleKind::constant;
    return recipe;
  }

  Checkpoint checkpoint(const std::string& name, std::int64_t epoch) const {
    const run::CheckpointFolder checkpoints(folder_ / name / "checkpoints");
    for (const auto& each : checkpoints.listed()) {
      if (each.epoch == epoch) return read_checkpoint(checkpoints.path(each));
    }
    fail("no checkpoint of epoch {}", epoch);
  }

  /// What a script would have saved there.
  std::string elastic_file(const Checkpoint& checkpoint, const std::string& prefix = "module.") const {
    tensors::Dict weights;
    for (const auto& [name, tensor] : checkpoint.state) weights.emplace_back(prefix + name, tensors::Value{tensor});
    const auto* optimizer = tensors::find_as<tensors::Dict>(checkpoint.learner, "optimizer");
    const std::filesystem::path path = folder_ / "model_best.pth.tar";
    tensors::write_pt(path, {tensors::Dict{{"epoch", {checkpoint.snapshot.position.epoch}},
                                           {"arch", {std::string("resnet20")}},
                                           {"state_dict", {std::move(weights)}},
                                           {"optimizer", {*optimizer}}}});
    return path.string();
  }

  at::Tensor weight(const std::string& name, std::int64_t epoch, const std::string& param) const {
    for (const auto& [key, tensor] : checkpoint(name, epoch).state) {
      if (key == param) return engine::from_plain(tensor).clone();
    }
    fail("no tensor '{}'", param);
  }

  std::string told(const recipe::Recipe& recipe, const data::Source& training, const data::Source& validation) {
    std::string text;
    train(recipe, {}, training, validation,
          {.quiet = true, .say = [&](const std::string& line) { text += line + '\n'; }});
    return text;
  }

  TemporaryFolder folder_;
  Synthetic training_{50, 4}, validation_{22, 4, 2};
};

TEST_F(ElasticStartTest, ATrueResumeEndsAsTheWholeRunDoes) {
  run(recipe("whole"), training_, validation_);
  for (const char* prefix : {"module.", ""}) {
    recipe::Recipe rest = recipe(std::string("rest") + prefix);
    rest.init = elastic_file(checkpoint("whole", 2), prefix);
    rest.init_form = recipe::InitForm::elastic;
    const std::string text = told(rest, training_, validation_);
    EXPECT_NE(text.find("as Elastic goes on, from epoch 2: "), std::string::npos) << text;
    EXPECT_NE(text.find("epoch 3/4"), std::string::npos) << text;
    EXPECT_EQ(text.find("epoch 2/4"), std::string::npos) << text;
    const std::string name = std::string("rest") + prefix;
    for (const char* param : {"conv1.weight", "fc.weight", "layer3.2.bn2.running_var"}) {
      EXPECT_TRUE(at::equal(weight("whole", 4, param), weight(name, 4, param))) << param;
    }
  }
}

TEST_F(ElasticStartTest, AnotherHeadStartsAnewAtEpochZero) {
  run(recipe("classes"), training_, validation_);
  const Squares training(data::TargetKind::labels, 24), validation(data::TargetKind::labels, 8, 2);
  recipe::Recipe labels = recipe("labels");
  labels.epochs = 1;
  labels.label_smoothing = 0;
  labels.preprocess = {.size = 8, .channels = 1, .mean = {}, .std = {}};
  labels.augment.crop = data::Crop::resized;
  labels.rate.lr = 1e-9;
  labels.init = elastic_file(checkpoint("classes", 4));
  labels.init_form = recipe::InitForm::elastic;
  const std::string text = told(labels, training, validation);
  EXPECT_NE(text.find("as Elastic starts from weights of another head: "), std::string::npos) << text;
  EXPECT_NE(text.find("2 start anew (fc.weight, fc.bias)"), std::string::npos) << text;
  EXPECT_LT(
      at::sub(weight("classes", 4, "conv1.weight"), weight("labels", 1, "conv1.weight")).abs().max().item<double>(),
      1e-6);
}

TEST_F(ElasticStartTest, WhatScriptsPassOverInSilenceIsAnError) {
  run(recipe("whole"), training_, validation_);
  recipe::Recipe rest = recipe("rest");
  rest.init_form = recipe::InitForm::elastic;
  rest.init = elastic_file(checkpoint("whole", 2), "model.");
  const std::string none = message_of<Error>([&] { run(rest, training_, validation_); });
  EXPECT_NE(none.find("tensors is named as resnet20 wants it: Elastic's script would go on from new values; "
                      "--init-form fit finds the names"),
            std::string::npos)
      << none;
  rest.init = elastic_file(checkpoint("whole", 2));
  rest.epochs = 2;
  EXPECT_EQ(message_of<UsageError>([&] { run(rest, training_, validation_); }),
            "--epochs: 2 in all leave nothing to train: " + rest.init + " has 2 behind it; give more");
  rest.init = (folder_ / "bare.pt").string();
  tensors::write_pt(rest.init, {tensors::Dict{{"x", {std::int64_t{1}}}}});
  EXPECT_NE(message_of<Error>([&] { run(rest, training_, validation_); }).find("has no 'state_dict'"),
            std::string::npos);
}

/// N batches' means are summed, with lr / N and N weight decay: weights move as with their mean, momentum is N times as
/// large (elastic_accumulation.h).
TEST_F(ElasticStartTest, ElasticAccumulationMovesWeightsAsTheMeanDoes) {
  const auto asked = [&](const char* name, recipe::AccumulateForm form) {
    recipe::Recipe one = recipe(name);
    one.epochs = 1;
    one.rate.lr = 0.01;
    one.accumulate = 3;
    one.drop_last_step = true;
    one.accumulate_form = form;
    return one;
  };
  run(asked("mean", recipe::AccumulateForm::mean), training_, validation_);
  run(asked("sum", recipe::AccumulateForm::elastic), training_, validation_);
  const at::Tensor mean = weight("mean", 1, "conv1.weight"), sum = weight("sum", 1, "conv1.weight");
  EXPECT_LT(at::sub(mean, sum).abs().max().item<double>(), 1e-6);
  const auto momentum = [&](const std::string& name) {
    const tensors::Dict learner = checkpoint(name, 1).learner;
    const auto* optimizer = tensors::find_as<tensors::Dict>(learner, "optimizer");
    const auto* state = tensors::find_as<tensors::Dict>(*optimizer, "state");
    const auto* first = tensors::find_as<tensors::Dict>(*state, "0");
    return engine::from_plain(*tensors::find_as<tensors::Tensor>(*first, "momentum_buffer")).norm().item<double>();
  };
  EXPECT_NEAR(momentum("sum") / momentum("mean"), 3, 1e-3);
}

TEST_F(ElasticStartTest, ElasticAccumulationTakesWholeStepsAlone) {
  recipe::Recipe one = recipe("run");
  one.accumulate = 3;
  one.accumulate_form = recipe::AccumulateForm::elastic;
  EXPECT_EQ(message_of<UsageError>([&] { run(one, training_, validation_); }),
            "--accumulate-form elastic: makes steps of whole batches alone, as Elastic; give --drop-last-step too");
}

}  // namespace
}  // namespace springbok::train
