// Ten steps with each trick of optimisation equal those of PyTorch, timm and pytorch-optimizer
// (fixtures/make_tricks.py).
#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <fstream>

#include "springbok/base/choice.h"
#include "springbok/base/error.h"
#include "springbok/train/made_network.h"
#include "springbok/train/optim/rules.h"
#include "springbok/train/plateau.h"
#include "springbok/train/recalibrate.h"
#include "tests/support/message_of.h"
#include "tests/train/filled_steps.h"

namespace springbok::train {
namespace {

using nlohmann::json;
using springbok::testing::message_of;

const json& fixture() {
  static const json document = [] {
    json parsed;
    std::ifstream(SPRINGBOK_SOURCE_DIR "/tests/train/fixtures/tricks.json") >> parsed;
    return parsed;
  }();
  return document;
}

template <class Choice>
Choice choice_of(const json& object, const char* key, const std::vector<std::string>& names) {
  return find_choice<Choice>(object.value(key, names.front()), names).value();
}

OptimizerSettings optimizer_settings(const json& row) {
  OptimizerSettings settings;
  settings.kind = choice_of<recipe::OptimizerKind>(row, "optimizer", recipe::optimizer_kinds());
  settings.momentum = row.value("momentum", 0.9);
  settings.dampening = row.value("dampening", 0.0);
  settings.weight_decay = row.value("weight_decay", 0.0);
  settings.muon.unit_norm = row.value("unit_norm", false);
  settings.muon.linear = row.value("linear", false);
  settings.muon.scale = choice_of<recipe::MuonScale>(row, "scale", recipe::muon_scales());
  settings.muon.rest = choice_of<recipe::MuonRest>(row, "rest", recipe::muon_rests());
  return recipe::with_defaults(settings);
}

std::vector<GradientStep> gradient_steps(const json& row) {
  std::vector<GradientStep> steps;
  if (row.contains("agc")) steps.push_back(clip_adaptively(row["agc"], {"fc.weight", "fc.bias"}));
  if (row.contains("clip_value")) steps.push_back(clip_value(row["clip_value"]));
  return steps;
}

std::unique_ptr<Optimizer> optimizer_from(const json& row, const Learner& learner) {
  const OptimizerSettings settings = optimizer_settings(row);
  const double lr = row["lr"];
  const Grouping grouping{.weight_decay = settings.weight_decay,
                          .muon = settings.kind == recipe::OptimizerKind::muon,
                          .muon_linear = settings.muon.linear,
                          .rest_scale = row.value("rest_lr", lr) / lr};
  auto optimizer = make_optimizer(make_groups(learner.graph, learner.state, grouping), gradient_steps(row), settings);
  if (row.contains("lookahead")) {
    const json& l = row["lookahead"];
    optimizer->look_ahead({.k = l["k"],
                           .alpha = l["alpha"],
                           .form = choice_of<recipe::LookaheadForm>(l, "form", recipe::lookahead_forms())});
  }
  return optimizer;
}

std::unique_ptr<Average> average_from(const json& row, const Learner& learner) {
  if (row.contains("ema")) {
    const json& ema = row["ema"];
    return std::make_unique<Average>(
        learner.graph, learner.state,
        AverageRule{.decay = ema["decay"], .warmup = ema["warmup"], .every = ema["every"]});
  }
  if (!row.contains("swa")) return nullptr;
  return std::make_unique<Average>(learner.graph, learner.state,
                                   AverageRule{.equal = true, .from_epoch = row["swa"]["start"]});
}

StepperSettings stepper_settings(const json& row) {
  StepperSettings settings{.rate = recipe::constant(row["lr"])};
  if (row.contains("sam")) {
    settings.sharpness = {.rho = row["sam"]["rho"], .adaptive = row["sam"].value("adaptive", false)};
  }
  return settings;
}

/// Statistics from the first epoch's batches.
void renew(Average& average, const Learner& learner, const FilledData& data, std::int64_t batches) {
  std::int64_t at = 0;
  recalibrate(
      learner.graph, average.state(),
      [&]() -> std::optional<at::Tensor> {
        if (at == batches) return std::nullopt;
        const auto count = static_cast<std::int64_t>(data.targets.size());
        return data.images.narrow(0, at++ * data.batch % count, data.batch);
      },
      0);
}

class Tricks : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Tricks, TenStepsEqualTheirSources) {
  at::set_num_threads(1);
  const json& row = fixture()["cases"][GetParam()];
  const FilledData data(fixture());
  FilledNet net(fixture());
  Learner& learner = net.learner;
  learner.optimizer = optimizer_from(row, learner);
  if (auto average = average_from(row, learner)) learner.averages.push_back(std::move(average));
  Stepper stepper(learner, stepper_settings(row));
  const std::int64_t per_epoch = row.contains("swa") ? row["swa"]["steps_per_epoch"].get<std::int64_t>() : 1;
  for (std::size_t step = 0; step < row["losses"].size(); ++step) {
    const double loss = row["losses"][step];
    ASSERT_NEAR(one_step(stepper, data, row["micro_batch"]), loss, (step == 0 ? 1e-9 : 1e-6) * loss) << step + 1;
    stepper.update();
    if (stepper.step() % per_epoch == 0) learner.end_epoch(stepper.step() / per_epoch);
  }
  expect_norms(learner.graph, learner.state, row["l2"]);
  if (!row.contains("average_l2")) return;
  if (row.contains("swa")) renew(*learner.averages[0], learner, data, per_epoch);
  expect_norms(learner.graph, learner.best_weights(), row["average_l2"]);
}

INSTANTIATE_TEST_SUITE_P(All, Tricks, ::testing::Range<std::size_t>(0, fixture()["cases"].size()),
                         [](const auto& each) {
                           return fixture()["cases"][each.param]["name"].template get<std::string>();
                         });

/// What is saved in the middle goes on to the same bits: buffers, slow weights, averages, the plateau.
TEST_P(Tricks, GoOnFromWhatTheySaved) {
  at::set_num_threads(1);
  const json& row = fixture()["cases"][GetParam()];
  const FilledData data(fixture());
  FilledNet straight(fixture()), second(fixture());
  constexpr std::int64_t kBefore = 3, kAfter = 2;
  const auto prepare = [&](Learner& learner) {
    learner.optimizer = optimizer_from(row, learner);
    if (auto average = average_from(row, learner)) learner.averages.push_back(std::move(average));
  };
  const auto go = [&](Learner& learner, std::int64_t from, std::int64_t steps) {
    Stepper stepper(learner, stepper_settings(row), from);
    for (std::int64_t i = 0; i < steps; ++i) {
      one_step(stepper, data, row["micro_batch"]);
      stepper.update();
      learner.end_epoch(stepper.step());
    }
  };
  prepare(straight.learner);
  prepare(second.learner);
  go(straight.learner, 0, kBefore);
  const tensors::StateDict weights = engine::state_dict(straight.learner.graph, straight.learner.state);
  second.learner.load(straight.learner.save(row["lr"]), weights, "file");
  go(straight.learner, kBefore, kAfter);
  go(second.learner, kBefore, kAfter);
  for (std::size_t i = 0; i < straight.learner.state.tensors.size(); ++i) {
    EXPECT_TRUE(second.learner.state.tensors[i].equal(straight.learner.state.tensors[i]));
    EXPECT_TRUE(second.learner.best_weights().tensors[i].equal(straight.learner.best_weights().tensors[i]));
  }
}

TEST(LayerDecay, GroupsAsTimmDoes) {
  for (const auto& [model, rows] : fixture()["layer_decay"].items()) {
    const graph::Graph graph = zoo::build(model);
    const engine::State state = engine::allocate(graph);
    const std::vector<ParamGroup> groups =
        make_groups(graph, state,
                    {.weight_decay = 0.05, .norm_decay = false, .head = {"fc.weight", "fc.bias"}, .layer_decay = 0.7});
    std::map<std::string, std::pair<double, double>> ours;
    for (const ParamGroup& group : groups) {
      for (const Slot& slot : group.slots) ours[slot.name] = {group.lr_scale, group.weight_decay};
    }
    EXPECT_EQ(ours.size(), rows.size());
    for (const json& row : rows) {
      const auto [scale, decay] = ours.at(row[0]);
      EXPECT_NEAR(scale, row[1].get<double>(), 1e-12) << model << " " << row[0];
      EXPECT_EQ(decay, row[2].get<double>()) << model << " " << row[0];
    }
  }
}

TEST(Plateau, LowersTheRateAsPyTorchDoes) {
  for (const json& row : fixture()["plateaus"]) {
    recipe::PlateauSettings settings;
    const json& given = row["settings"];
    settings.factor = given.value("factor", settings.factor);
    settings.patience = given["patience"];
    settings.cooldown = given.value("cooldown", settings.cooldown);
    settings.threshold = given.value("threshold", settings.threshold);
    settings.least_lr = given.value("min_lr", settings.least_lr);
    const double lr = row["lr"];
    Plateau plateau(settings, row["mode"] == "max");
    for (std::size_t epoch = 0; epoch < row["goals"].size(); ++epoch) {
      plateau.step(row["goals"][epoch], lr);
      EXPECT_NEAR(plateau.rate(lr), row["rates"][epoch].get<double>(), 1e-12) << given << ", epoch " << epoch + 1;
      Plateau again(settings, row["mode"] == "max");  // resumed after each epoch
      again.load(plateau.save(), "file");
      plateau = again;
    }
  }
}

TEST(Freeze, NamesLayersAndKeepsTheirStatistics) {
  graph::Graph graph = zoo::build("resnet20");
  freeze(graph, {.freeze = {"layer1", "layer2.*.conv2"}, .freeze_stats = true}, {}, "resnet20");
  for (const graph::Param& param : graph.params()) {
    const bool named = param.name.starts_with("layer1.") ||
                       (param.name.starts_with("layer2.") && param.name.find(".conv2.") != std::string::npos);
    if (param.buffer) continue;
    EXPECT_EQ(param.trainable, !named) << param.name;
  }
  std::size_t kept = 0;
  for (const graph::Node& node : graph.nodes()) {
    const auto* norm = std::get_if<graph::Norm>(&node.op);
    if (norm == nullptr) continue;
    EXPECT_EQ(norm->kind == graph::NormKind::frozen, node.path.starts_with("layer1.")) << node.path;
    kept += norm->kind == graph::NormKind::frozen ? 1 : 0;
  }
  EXPECT_EQ(kept, 6U);
}

TEST(Freeze, SaysWhatNamesNothing) {
  graph::Graph graph = zoo::build("resnet20");
  EXPECT_EQ(message_of<UsageError>([&] { freeze(graph, {.freeze = {"layr1"}}, {}, "resnet20"); }),
            "--freeze: 'layr1' names no parameter of resnet20, which has conv1, bn1, layer1, layer2, layer3, fc");
  EXPECT_EQ(message_of<UsageError>([&] { freeze(graph, {.freeze = {"*"}}, {}, "resnet20"); }),
            "--freeze: nothing of resnet20 is left to learn");
}

TEST(Groups, TheHeadHasARateOfItsOwn) {
  const graph::Graph graph = zoo::build("resnet20");
  const engine::State state = engine::allocate(graph);
  const auto groups =
      make_groups(graph, state, {.weight_decay = 0.1, .head = {"fc.weight", "fc.bias"}, .last_mult = 10});
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].lr_scale, 1);
  EXPECT_EQ(groups[1].lr_scale, 10);
  EXPECT_EQ(groups[1].slots.size(), 2U);
  EXPECT_EQ(groups[1].slots[0].name, "fc.weight");
}

}  // namespace
}  // namespace springbok::train
