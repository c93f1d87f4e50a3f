// Training, evaluation, resuming and prediction on a device that is not the host. A pointer to its memory that the host
// follows ends the process, a wrong device or a forgotten copy is an error. The numbers are the CPU's.
#include "tests/device/standin.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

#include "springbok/base/choice.h"
#include "springbok/base/file.h"
#include "springbok/engine/device.h"
#include "springbok/engine/place.h"
#include "springbok/graph/build.h"
#include "springbok/model/evaluate.h"
#include "springbok/model/input.h"
#include "springbok/model/network.h"
#include "tests/support/message_of.h"
#include "tests/support/squares.h"
#include "tests/support/temporary_folder.h"
#include "tests/train/synthetic.h"

namespace springbok::train {
namespace {

using springbok::testing::message_of;
using springbok::testing::TemporaryFolder;

at::Device there() {
  standin::plug_in();
  return engine::parse_device(standin::kName, "--device");
}

/// conv, norm, ReLU twice, dropout, linear: 6 channels, which no kernel of ours takes, so that both devices run
/// LibTorch's.
graph::Graph plain_network(double drops = 0.2) {
  graph::Graph graph;
  const graph::Scope root{&graph, ""};
  graph::Value x = graph::input(graph, 1);
  for (const char* name : {"a", "b"}) {
    const graph::Scope block = root / name;
    x = graph::relu(graph::norm(block / "bn", graph::conv(block / "conv", x, {.out = 6, .kernel = 3})));
    if (drops > 0) x = graph::drop_path(block / "path", x, drops);
  }
  x = graph::flatten(graph::global_pool(x));
  if (drops > 0) x = graph::dropout(root / "drop", x, drops);
  graph::output(graph::linear(root / "fc", x, {.out = 4}));
  return graph;
}

class Device : public ::testing::Test {
 protected:
  void SetUp() override { there(); }

  recipe::Recipe recipe(const std::string& name, const std::string& device) const {
    recipe::Recipe recipe = small_recipe(folder_ / name);
    recipe.epochs = 2;
    recipe.accumulate = 2;
    recipe.device = device;
    return recipe;
  }
  /// Runs the plain network until so many steps are made, or to its end.
  void train_plain(recipe::Recipe recipe, std::int64_t steps = 0, const recipe::Given& given = {}) {
    const graph::Graph graph = plain_network(drops_);
    recipe.model = "plain";
    recipe.options = {};
    TrainSettings settings{.quiet = true, .say = [this](const std::string& line) { told_ += line + '\n'; }};
    settings.own.graph = &graph;
    settings.on_step = [steps](const run::StepLine& line) { return std::string(line.step == steps ? "the test" : ""); };
    train(recipe, given, training_, validation_, settings);
  }
  std::string weights(const std::string& name) const { return read_text(folder_ / name / "weights.safetensors"); }
  /// The log without times.
  std::string log(const std::string& name) const {
    std::istringstream text(read_text(folder_ / name / "log.jsonl"));
    std::string kept;
    for (std::string line; std::getline(text, line);) {
      auto json = nlohmann::ordered_json::parse(line);
      for (const char* key : {"data_s", "compute_s", "images_s", "eval_s"}) json.erase(key);
      kept += json.dump() + '\n';
    }
    return kept;
  }
  std::vector<double> losses(const std::string& name) const {
    std::vector<double> all;
    for (const run::StepLine& line : run::read_lines(folder_ / name / "log.jsonl").steps) all.push_back(line.loss);
    return all;
  }

  TemporaryFolder folder_;
  Synthetic training_{50, 4}, validation_{22, 4, 2};
  double drops_ = 0.2;  ///< of the plain network
  std::string told_;
};

TEST(Standin, ItsMemoryIsNotTheHosts) {
  const at::Tensor far = at::ones({4}).to(there());
  EXPECT_DEATH(std::printf("%f", *far.const_data_ptr<float>()), "");
  EXPECT_EQ(far.cpu().sum().item<float>(), 4);
}

TEST(Standin, HasItsNameAndNumber) {
  EXPECT_EQ(there().str(), "standin:0");
  EXPECT_EQ(engine::parse_device("standin:0", "--device"), there());
  EXPECT_EQ(message_of<Error>([] { engine::parse_device("standin:x", "--device"); }),
            "--device standin:x: a device is 'cpu', 'cuda' or 'cuda:N'");
}

TEST(Place, AStateGoesInItsLayoutAndComesBack) {
  const graph::Graph graph = plain_network();
  engine::State state = engine::initialise(graph, 1), far = engine::initialise(graph, 1);
  engine::put(far, there());
  EXPECT_EQ(engine::device_of(far), there());
  for (std::size_t i = 0; i < state.tensors.size(); ++i) {
    EXPECT_EQ(far.tensors[i].strides(), state.tensors[i].strides());
    EXPECT_EQ(far.tensors[i].requires_grad(), state.tensors[i].requires_grad());
    EXPECT_TRUE(engine::download(far.tensors[i]).equal(state.tensors[i]));
  }
  const engine::Executor executor(graph);
  EXPECT_EQ(message_of<Error>([&] {
              executor.forward(far, at::zeros({1, 1, 4, 4}), {});
            }),
            "a.conv.weight: is on standin:0, the input on cpu");
}

/// All that a run may have beside: accumulation, averages, clipping, mixtures, loss scaling.
TEST_F(Device, AWholeTrainingGivesTheCpusBits) {
  const auto asked = [&](const std::string& name, const std::string& device) {
    recipe::Recipe one = recipe(name, device);
    one.ema_decay = 0.9;
    one.clip_norm = 1;
    one.mix.mixup = 0.2;
    one.loss_scale = {.rule = "dynamic", .init = 0x1p125, .interval = 2};
    return one;
  };
  const std::int64_t before = standin::bytes_in();
  train_plain(asked("near", "cpu"));
  EXPECT_EQ(standin::bytes_in(), before);
  train_plain(asked("far", standin::kName));
  EXPECT_GT(standin::bytes_in(), before);
  EXPECT_TRUE(weights("near") == weights("far"));
  EXPECT_EQ(log("near"), log("far"));
  EXPECT_EQ(standin::bytes_held(), 0);
}

TEST_F(Device, EveryOptimizerGivesTheCpusBits) {
  for (const std::string& kind : recipe::optimizer_kinds()) {
    for (const std::string device : {"cpu", standin::kName}) {
      recipe::Recipe one = recipe(kind + device, device);
      one.epochs = 1;
      one.warmup_epochs = 0;
      one.rate.lr = 0.01;
      one.optimizer.kind = find_choice<recipe::OptimizerKind>(kind, recipe::optimizer_kinds()).value();
      one.optimizer.momentum = 0.9;
      train_plain(one);
    }
    EXPECT_TRUE(weights(kind + "cpu") == weights(kind + standin::kName)) << kind;
  }
}

/// What has tensors of its own beside the weights.
TEST_F(Device, EveryChoiceGivesTheCpusBits) {
  using Recipe = recipe::Recipe;
  const std::vector<std::pair<std::string, std::function<void(Recipe&)>>> choices{
      {"weights", [](Recipe& r) { r.loss.class_weights = "0.5,1,2,3"; }},
      {"bce", [](Recipe& r) { r.loss.kind = recipe::LossKind::bce; }},
      {"focal", [](Recipe& r) { r.loss.kind = recipe::LossKind::focal; }},
      {"asymmetric", [](Recipe& r) { r.loss.kind = recipe::LossKind::asymmetric; }},
      {"cutmix", [](Recipe& r) { r.mix.cutmix = 1; }},
      {"sharpness", [](Recipe& r) { r.sharpness.rho = 0.05; }},
      {"clip", [](Recipe& r) { r.clip.value = 0.01; }},
      {"agc", [](Recipe& r) { r.clip.agc = 0.01; }},
      {"centralise", [](Recipe& r) { r.optimizer.centralise = recipe::Centralise::all; }},
      {"lookahead", [](Recipe& r) { r.optimizer.lookahead.k = 2; }},
      {"swa", [](Recipe& r) { r.averages.swa_start = 1, r.averages.recalibrate_bn = 16; }},
      {"frozen", [](Recipe& r) { r.groups.freeze = {"a.*"}, r.groups.freeze_stats = true; }},
      {"recompute", [](Recipe& r) { r.recompute = true; }},
  };
  for (const auto& [name, choose] : choices) {
    for (const std::string device : {"cpu", standin::kName}) {
      Recipe one = recipe(name + device, device);
      one.label_smoothing = 0;
      choose(one);
      train_plain(one);
    }
    EXPECT_TRUE(weights(name + "cpu") == weights(name + standin::kName)) << name;
    EXPECT_EQ(log(name + "cpu"), log(name + standin::kName)) << name;
  }
}

/// Full batches are played from the fourth on; each epoch's last one, of two images, runs as it is.
TEST_F(Device, CapturedPassesGiveTheCpusBits) {
  using Recipe = recipe::Recipe;
  drops_ = 0;
  const std::vector<std::pair<std::string, std::function<void(Recipe&)>>> choices{
      {"one", [](Recipe& r) { r.accumulate = 1; }},
      {"accumulated", [](Recipe& r) { r.accumulate = 3; }},
      {"scaled", [](Recipe& r) { r.loss_scale = {.rule = "dynamic", .init = 0x1p125, .interval = 2}; }},
      {"mixed", [](Recipe& r) { r.precision = Precision::bf16; }},
      {"sharp", [](Recipe& r) { r.sharpness.rho = 0.05; }},
  };
  for (const auto& [name, choose] : choices) {
    const std::int64_t captured = standin::graphs_captured(), played = standin::graphs_played();
    for (const std::string device : {"cpu", standin::kName}) {
      Recipe one = recipe(name + device, device);
      choose(one);
      train_plain(one);
    }
    EXPECT_EQ(standin::graphs_captured() - captured, 2) << name;  // forward and backward
    EXPECT_GE(standin::graphs_played() - played, 2 * 9) << name;
    EXPECT_TRUE(weights(name + "cpu") == weights(name + standin::kName)) << name;
    EXPECT_EQ(log(name + "cpu"), log(name + standin::kName)) << name;
  }
  EXPECT_NE(told_.find("graphs of the device: forward and backward of 8 images are captured, and played from here on"),
            std::string::npos)
      << told_;
}

TEST_F(Device, WhatCannotBeCapturedIsToldAndRuns) {
  const std::int64_t captured = standin::graphs_captured();
  train_plain(recipe("drops", standin::kName));
  EXPECT_NE(told_.find("graphs of the device: not captured: a.path drops at random, by what the host draws"),
            std::string::npos)
      << told_;
  drops_ = 0;
  recipe::Recipe unwanted = recipe("unwanted", standin::kName);
  unwanted.cuda_graphs = false;
  train_plain(unwanted);
  EXPECT_EQ(standin::graphs_captured(), captured);
}

TEST_F(Device, MixedPrecisionGivesTheCpusBits) {
  for (const std::string device : {"cpu", standin::kName}) {
    recipe::Recipe one = recipe("in_" + device, device);
    one.precision = Precision::bf16;
    train_plain(one);
  }
  EXPECT_TRUE(weights("in_cpu") == weights(std::string("in_") + standin::kName));
  EXPECT_EQ(log("in_cpu"), log(std::string("in_") + standin::kName));
}

TEST_F(Device, AStoppedRunEndsAsAWholeOneAndMayMove) {
  train_plain(recipe("whole", "cpu"));
  for (const auto& [first, second] : {std::pair("cpu", standin::kName), {standin::kName, "cpu"}}) {
    const std::string name = std::string(first) + "_then_" + second;
    train_plain(recipe(name, first), 5);
    recipe::Recipe again = recipe(name, second);
    again.resume = "auto";
    train_plain(again, 0, {{"device", "--device"}});
    EXPECT_TRUE(weights("whole") == weights(name)) << name;
  }
}

/// A network of the zoo, whose kernels on the CPU are ours: equal to rounding.
TEST_F(Device, AZooNetworkTrainsEvaluatesAndPredicts) {
  run(recipe("near", "cpu"), training_, validation_);
  run(recipe("far", standin::kName), training_, validation_);
  const std::vector<double> near = losses("near"), far = losses("far");
  ASSERT_EQ(near.size(), far.size());
  for (std::size_t i = 0; i < near.size(); ++i) EXPECT_NEAR(near[i], far[i], 1e-3) << i;

  const auto here = model::open_network(folder_ / "near" / "weights.safetensors");
  const auto moved = model::open_network(folder_ / "near" / "weights.safetensors");
  engine::put(moved->state, there());
  const data::Transform transform(here->card.preprocess);
  model::EvaluateSettings settings;
  settings.batch = 5;
  settings.confusion = true;
  settings.predictions = 3;
  settings.quiet = true;
  const auto evaluate = [&](const model::Network& network) {
    return model::evaluate(*network.executor, network.state, network.card.classes, validation_, transform, settings);
  };
  const model::Evaluation a = evaluate(*here), b = evaluate(*moved);
  EXPECT_EQ(metrics::to_json(a.tally).dump(), metrics::to_json(b.tally).dump());
  data::Loader loader(validation_, transform, {.batch = 7, .workers = 0});
  data::Batch batch = *loader.next();
  const at::Tensor scores = model::outputs_of(*here->executor, here->state, batch, Precision::fp32);
  EXPECT_TRUE(scores.equal(model::outputs_of(*moved->executor, moved->state, batch, Precision::fp32)));
}

/// 6 channels, scores of each pixel.
graph::Graph pixel_network() {
  graph::Graph graph;
  const graph::Scope root{&graph, ""};
  const graph::Value image = graph::input(graph, 3);
  const graph::Value x = graph::conv(root / "conv", image, {.out = 6, .kernel = 3, .stride = 2});
  const graph::Value y = graph::relu(graph::norm(root / "bn", x));
  graph::output(graph::upsample_like(graph::conv(root / "head", y, {.out = 3, .kernel = 3, .bias = true}), image));
  return graph;
}

/// Labels by a network with one output a class, masks by one that scores pixels.
class DeviceTasks : public ::testing::TestWithParam<data::TargetKind> {
 protected:
  void SetUp() override { there(); }
  bool pixels() const { return GetParam() == data::TargetKind::masks; }

  graph::Graph network() const {
    if (pixels()) return pixel_network();
    graph::Graph graph;
    const graph::Scope root{&graph, ""};
    graph::Value x = graph::conv(root / "conv", graph::input(graph, 3), {.out = 6, .kernel = 3});
    x = graph::flatten(graph::global_pool(graph::relu(graph::norm(root / "bn", x))));
    graph::output(graph::linear(root / "fc", x, {.out = 2}));
    return graph;
  }
  void train_on(const std::string& name, const std::string& device, std::int64_t steps = 0, bool again = false) {
    recipe::Recipe one = small_recipe(folder_ / name);
    one.model = "own";
    one.options = {};
    one.label_smoothing = 0;
    one.epochs = 2;
    one.device = device;
    one.preprocess.size = 17;
    one.augment.crop = data::Crop::resized;
    if (again) one.resume = "auto";
    const graph::Graph graph = network();
    TrainSettings settings{.quiet = true, .say = [](const std::string&) {}};
    settings.own.graph = &graph;
    settings.on_step = [=](const run::StepLine& line) { return std::string(line.step == steps ? "the test" : ""); };
    train(one, again ? recipe::Given{{"device", "--device"}} : recipe::Given{}, training_, validation_, settings);
  }
  std::string weights(const std::string& name) const { return read_text(folder_ / name / "weights.safetensors"); }
  /// What each epoch's evaluation said.
  std::vector<std::string> evaluations(const std::string& name) const {
    std::istringstream text(read_text(folder_ / name / "log.jsonl"));
    std::vector<std::string> kept;
    for (std::string line; std::getline(text, line);) {
      auto json = nlohmann::ordered_json::parse(line);
      std::string values;
      for (const auto& [key, value] : json.items()) {
        if (key.starts_with("val_")) values += key + " " + value.dump() + " ";
      }
      if (!values.empty()) kept.push_back(values);
    }
    return kept;
  }

  TemporaryFolder folder_;
  springbok::testing::Squares training_{GetParam(), 50}, validation_{GetParam(), 22, 2};
};

INSTANTIATE_TEST_SUITE_P(Kinds, DeviceTasks, ::testing::Values(data::TargetKind::labels, data::TargetKind::masks),
                         [](const auto& kind) { return kind.param == data::TargetKind::masks ? "Masks" : "Labels"; });

TEST_P(DeviceTasks, TrainEvaluateAndGoOnAsTheCpu) {
  const std::int64_t played = standin::graphs_played();
  train_on("near", "cpu");
  train_on("far", standin::kName);
  EXPECT_GT(standin::graphs_played(), played);
  EXPECT_TRUE(weights("near") == weights("far"));
  EXPECT_EQ(evaluations("near").size(), 2U);
  EXPECT_EQ(evaluations("near"), evaluations("far"));
  train_on("parts", standin::kName, 5);
  train_on("parts", "cpu", 0, true);
  EXPECT_TRUE(weights("near") == weights("parts"));
}

/// As `predict` asks: one picture of any size at a time.
TEST_P(DeviceTasks, PredictAsTheCpu) {
  const graph::Graph graph = network();
  const engine::Executor executor(graph);
  const engine::State near = engine::initialise(graph, 3);
  engine::State far = engine::initialise(graph, 3);
  engine::put(far, there());
  for (const int side : {17, 24}) {
    data::Batch batch{
        .size = 1, .height = side, .width = side + 4, .channels = 3, .pixels = {}, .targets = {}, .indices = {}};
    for (int i = 0; i < side * (side + 4) * 3; ++i) batch.pixels.push_back(static_cast<float>(i % 23) / 23);
    const at::Tensor scores = model::outputs_of(executor, near, batch, Precision::fp32);
    EXPECT_TRUE(scores.equal(model::outputs_of(executor, far, batch, Precision::fp32)));
  }
}

}  // namespace
}  // namespace springbok::train
