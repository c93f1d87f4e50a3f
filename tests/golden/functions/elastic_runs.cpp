// Golden files of Elastic's segmentation: whole training runs, and parameter groups.
#include <ATen/Functions.h>

#include <algorithm>
#include <map>

#include "springbok/base/error.h"
#include "springbok/data/load/loader.h"
#include "springbok/graph/replace.h"
#include "springbok/recipe/recipe.h"
#include "springbok/tasks/segment.h"
#include "springbok/train/learner.h"
#include "springbok/train/optim/decoder.h"
#include "springbok/train/optim/sgd.h"
#include "springbok/train/stepper.h"
#include "springbok/zoo/zoo.h"
#include "tests/golden/functions/elastic.h"

namespace springbok::golden {
namespace {

using nlohmann::json;

constexpr double kRun = 1e-9;

/// The crop as an input (1,3,H,W), normalised in double precision as the file has it; padding is 0.
at::Tensor double_input(const data::JointCrop& crop) {
  constexpr double kAllClasses = 255;
  const image::Image& image = crop.labelling.image;
  at::Tensor bytes = at::empty({image.height, image.width, 3}, at::kByte);
  std::copy(image.pixels.begin(), image.pixels.end(), bytes.mutable_data_ptr<std::uint8_t>());
  const at::Tensor pixels = bytes.to(at::kDouble)
                                .div(kAllClasses)
                                .sub(at::tensor(recipe::default_mean(3), at::kDouble))
                                .div(at::tensor(recipe::default_std(3), at::kDouble));
  const image::Region content = crop.content();
  at::Tensor input = at::zeros_like(pixels);
  const auto inside = [&](const at::Tensor& all) {
    return all.narrow(0, content.top, content.height).narrow(1, content.left, content.width);
  };
  inside(input).copy_(inside(pixels));
  return input.permute({2, 0, 1}).unsqueeze(0).contiguous();
}

/// The groups that the original makes, backbone first.
std::vector<train::ParamGroup> segment_groups(const graph::Graph& graph, const engine::State& state, double decay,
                                              double last_mult) {
  return train::make_groups(
      graph, state,
      {.weight_decay = decay, .norm_decay = true, .head = train::decoder_params(graph), .last_mult = last_mult});
}

/// What a run is told.
struct Settings {
  double lr = 0, last_mult = 1, weight_decay = 0, momentum = 0;
  std::int64_t batch = 1, crop = 1, iterations_per_epoch = 1;
  bool frozen = false;
};

Settings settings_of(Sheet& sheet, std::size_t images) {
  const auto number = [&](const char* flag, double otherwise) {
    const std::string text = option_of(sheet.file, flag);
    return text.empty() ? otherwise : std::stod(text);
  };
  const json& options = sheet.at("options");
  Settings settings{.lr = number("--base_lr", 0.007),
                    .last_mult = number("--last_mult", 1),
                    .weight_decay = sheet.at("weight_decay"),
                    .momentum = sheet.at("momentum"),
                    .batch = static_cast<std::int64_t>(number("--batch_size", 16)),
                    .crop = static_cast<std::int64_t>(number("--crop_size", 513)),
                    .frozen = std::find(options.begin(), options.end(), "--freeze_bn") != options.end()};
  settings.iterations_per_epoch = data::batches_per_epoch(static_cast<std::int64_t>(images), settings.batch, false);
  sheet.equal("crop", settings.crop, sheet.at("crop"));
  sheet.near("last_mult", settings.last_mult, sheet.at("last_mult"));
  sheet.equal("iterations_per_epoch", settings.iterations_per_epoch, sheet.at("iterations_per_epoch"));
  return settings;
}

/// A network that learns.
class Run {
 public:
  Run(Sheet& sheet, const Settings& settings)
      : settings_(settings),
        labellings_(labellings_of(sheet.at("data"))),
        learner_(described_net(sheet.file, settings.frozen), engine::State{}) {
    learner_.state = described_weights(learner_.graph);
    const recipe::OptimizerSettings rule{.momentum = settings.momentum, .weight_decay = settings.weight_decay};
    learner_.optimizer = std::make_unique<train::Sgd>(
        segment_groups(learner_.graph, learner_.state, settings.weight_decay, settings.last_mult), rule);
    const json& draws = sheet.at("draws");
    const std::int64_t epochs = std::stoll(option_of(sheet.file, "--epochs"));
    draws_ = fill_u(Sheet::need(draws, "fill"), {epochs, std::ssize(labellings_), 4});
  }

  /// Epochs from `first` on, of a run of `epochs`: the curve of rates is that of all.
  void go(std::int64_t first, std::int64_t epochs) {
    const recipe::Schedule rate{.kind = recipe::ScheduleKind::poly,
                                .lr = settings_.lr,
                                .power = 0.9,
                                .total_steps = epochs * settings_.iterations_per_epoch,
                                .steps_per_epoch = settings_.iterations_per_epoch};
    train::Stepper stepper(learner_, {.rate = recipe::curve_of(rate)}, first * settings_.iterations_per_epoch);
    for (std::int64_t epoch = first; epoch < epochs; ++epoch) {
      for (std::int64_t i = 0; i < settings_.iterations_per_epoch; ++i) iterate(stepper, epoch, i * settings_.batch);
    }
  }

  /// Saved and loaded, as a resumed run begins.
  void reload() {
    const std::vector<at::Tensor> kept = copies();
    const tensors::Dict saved = learner_.save(rates.back());
    learner_.load(saved, engine::state_dict(learner_.graph, learner_.state), "the run before");
    for (std::size_t i = 0; i < kept.size(); ++i) {
      check(at::equal(kept[i], learner_.state.tensors[i]), "a learner comes back as it was saved");
    }
  }

  void check_final(Sheet& sheet) const {
    for (graph::ParamId id = 0; id < static_cast<graph::ParamId>(learner_.graph.params().size()); ++id) {
      const std::string& name = learner_.graph.param(id).name;
      const at::Tensor value = learner_.state.tensors[id].detach();
      const json &all = sheet.at("final"), &l2 = sheet.at("final_l2");
      if (all.contains(name)) sheet.numbers("final " + name, value, all[name], kRun);
      if (l2.contains(name)) sheet.near("final l2 " + name, value.norm().item<double>(), l2[name], kRun);
    }
  }

  std::vector<double> rates, last_rates, losses;

 private:
  std::vector<at::Tensor> copies() const {
    std::vector<at::Tensor> all;
    for (const at::Tensor& tensor : learner_.state.tensors) all.push_back(tensor.detach().clone());
    return all;
  }

  data::JointCrop crop(std::int64_t epoch, std::int64_t i) const {
    const data::Labelling& labelling = labellings_[static_cast<std::size_t>(i)];
    const auto u = [&](std::int64_t k) { return draws_[epoch][i][k].item<double>(); };
    const auto side = static_cast<int>(settings_.crop);
    const data::JointAugment augment{.crop = {side, side}, .form = data::JointForm::elastic};
    const data::JointChoice choice = choose_joint(augment, {labelling.image.height, labelling.image.width},
                                                  {.flip = u(0), .scale = u(1), .row = u(2), .column = u(3)});
    return apply_joint(labelling, choice, augment, {});
  }

  void iterate(train::Stepper& stepper, std::int64_t epoch, std::int64_t first) {
    std::vector<at::Tensor> inputs, masks;
    for (std::int64_t i = first; i < std::min(first + settings_.batch, std::ssize(labellings_)); ++i) {
      const data::JointCrop cut = crop(epoch, i);
      inputs.push_back(double_input(cut));
      masks.push_back(mask_tensor(cut.labelling.mask));
    }
    const at::Tensor truth = at::cat(masks);
    const auto images = static_cast<std::int64_t>(inputs.size());
    const auto loss = [&](const at::Tensor& scores) { return tasks::pixel_loss_sum(scores, truth); };
    losses.push_back(stepper.add(at::cat(inputs), loss, images).loss / static_cast<double>(images));
    rates.push_back(stepper.update().lr);
    last_rates.push_back(rates.back() * learner_.optimizer->groups().back().lr_scale);
  }

  Settings settings_;
  std::vector<data::Labelling> labellings_;
  train::Learner learner_;
  at::Tensor draws_;  // (epochs, images, 4)
};

/// The last line of the original's log, whose loss in brackets moves by a hundredth of the way.
void check_line(Sheet& sheet, const Run& run, std::int64_t epochs, std::int64_t iterations) {
  constexpr double kStep = 0.01;
  double moving = run.losses.front();
  for (std::size_t i = 1; i < run.losses.size(); ++i) moving += kStep * (run.losses[i] - moving);
  if (sheet.file.contains("loss_ema")) sheet.near("loss_ema", moving, sheet.at("loss_ema"), kRun);
  if (!sheet.file.contains("line_printed")) return;
  sheet.equal("line_printed",
              format("epoch: {}\titer: {}/{}\tlr: {:.6f}\tloss: {:.4f} ({:.4f})", epochs, iterations, iterations,
                     run.rates.back(), run.losses.back(), moving),
              sheet.at("line_printed"));
}

at::Tensor doubles(const std::vector<double>& values) {
  return at::tensor(values, at::kDouble);
}

std::vector<std::string> names_of(const std::vector<train::Slot>& slots) {
  std::vector<std::string> names;
  for (const train::Slot& slot : slots) names.push_back(slot.name);
  return names;
}

void check_groups_of(Sheet& sheet, const std::string& what, const std::vector<train::ParamGroup>& groups,
                     const json& wanted) {
  sheet.equal(what + ": groups", groups.size(), wanted.size());
  for (std::size_t i = 0; i < std::min(groups.size(), wanted.size()); ++i) {
    const std::string where = format("{}: group {}", what, i);
    std::int64_t elements = 0;
    for (const train::Slot& slot : groups[i].slots) elements += slot.value.numel();
    sheet.near(where + ": weight decay", groups[i].weight_decay, Sheet::need(wanted[i], "weight_decay"));
    sheet.near(where + ": momentum", recipe::OptimizerSettings{}.momentum, Sheet::need(wanted[i], "momentum"));
    sheet.equal(where + ": elements", elements, Sheet::need(wanted[i], "elements"));
    check_names(sheet, where, names_of(groups[i].slots), Sheet::need(wanted[i], "parameters"));
  }
}

/// How many norms there are, and how they are set.
void check_norms(Sheet& sheet, const std::string& what, const graph::Graph& graph, const json& wanted) {
  std::int64_t all = 0, frozen = 0;
  std::map<double, std::int64_t> momenta;
  for (const graph::Node& node : graph.nodes()) {
    const auto* norm = std::get_if<graph::Norm>(&node.op);
    if (norm == nullptr) continue;
    ++all;
    frozen += norm->kind == graph::NormKind::frozen && !graph.param(norm->weight).trainable;
    ++momenta[norm->momentum];
  }
  sheet.equal(what + ": norms", all, Sheet::need(wanted, "all"));
  sheet.equal(what + ": frozen norms", frozen, Sheet::need(wanted, "in_eval_mode"));
  sheet.equal(what + ": frozen weights", frozen, Sheet::need(wanted, "with_frozen_weight_and_bias"));
  sheet.equal(what + ": momenta", std::vector(momenta.begin(), momenta.end()), Sheet::need(wanted, "momentum"));
}

/// Those of the groups that a pass and its way back leave without a gradient.
std::vector<std::string> without_gradient(train::Learner& learner) {
  constexpr std::int64_t kSide = 64;
  const engine::Executor executor(learner.graph);
  engine::Effects effects;
  const at::Tensor input = fill("__input__", {2, 3, kSide, kSide}).to(at::kFloat);
  executor.forward(learner.state, input, {.train = true, .effects = &effects}).pow(2).sum().backward();
  std::vector<std::string> names;
  for (const train::ParamGroup& group : learner.optimizer->groups()) {
    for (const train::Slot& slot : group.slots) {
      if (!slot.value.grad().defined()) names.push_back(slot.name);
    }
  }
  return names;
}

void check_network(Sheet& sheet, const json& wanted, double last_mult) {
  const std::string arch = Sheet::need(wanted, "arch");
  const bool frozen = Sheet::need(wanted, "freeze_bn");
  const std::string what = arch + (frozen ? " frozen" : "");
  graph::Graph graph = zoo::build(arch + "_seg", {.classes = 21});
  if (frozen) replace_norms(graph, graph::NormKind::frozen);
  check_norms(sheet, what, graph, Sheet::need(wanted, "batch_norms"));
  train::Learner learner(std::move(graph), 1);
  const double decay = Sheet::need(Sheet::need(wanted, "groups").at(0), "weight_decay");
  learner.optimizer = std::make_unique<train::Sgd>(segment_groups(learner.graph, learner.state, decay, last_mult),
                                                   recipe::OptimizerSettings{.weight_decay = decay});
  check_groups_of(sheet, what, learner.optimizer->groups(), wanted["groups"]);
  sheet.near(what + ": last_mult", learner.optimizer->groups().back().lr_scale, last_mult);
  std::vector<std::string> outside;
  std::int64_t trainable = 0, all = 0;
  for (const graph::Param& param : learner.graph.params()) {
    if (param.buffer) continue;
    ++all;
    trainable += param.trainable;
    if (!param.trainable) outside.push_back(param.name);
  }
  check_names(sheet, what + ": in no group", outside, Sheet::need(wanted, "in_no_group"));
  check_names(sheet, what + ": without gradient", without_gradient(learner),
              Sheet::need(wanted, "in_a_group_without_gradient"));
  const json& requires_grad = Sheet::need(wanted, "requires_grad");
  sheet.equal(what + ": trained", trainable, Sheet::need(requires_grad, "parameters"));
  sheet.equal(what + ": parameters", all, Sheet::need(requires_grad, "of"));
}

}  // namespace

void check_segment_run(Sheet& sheet) {
  const Settings settings = settings_of(sheet, sheet.at("data").at("images").size());
  const std::int64_t epochs = std::stoll(option_of(sheet.file, "--epochs")), first = sheet.at("start_epoch");
  sheet.equal("max_iter", epochs * settings.iterations_per_epoch, sheet.at("max_iter"));
  Run run(sheet, settings);
  if (sheet.file.contains("before")) {
    const json& before = sheet.at("before");
    run.go(0, Sheet::need(before, "epochs"));
    sheet.numbers("before: lr", doubles(run.rates), Sheet::need(before, "lr"));
    sheet.numbers("before: loss", doubles(run.losses), Sheet::need(before, "loss"), kRun);
    run.reload();
    for (std::vector<double>* values : {&run.rates, &run.last_rates, &run.losses}) values->clear();
  }
  run.go(first, epochs);
  sheet.numbers("lr", doubles(run.rates), sheet.at("lr"));
  sheet.numbers("lr_last", doubles(run.last_rates), sheet.at("lr_last"));
  sheet.numbers("loss", doubles(run.losses), sheet.at("loss"), kRun);
  check_line(sheet, run, epochs, settings.iterations_per_epoch);
  run.check_final(sheet);
}

void check_groups(Sheet& sheet) {
  const std::string options = sheet.at("options");  // `--last_mult 10 (--freeze_bn)`
  const std::size_t at = options.find("--last_mult ");
  const double last_mult =
      at == std::string::npos ? 1 : std::stod(options.substr(at + std::string("--last_mult ").size()));
  for (const json& network : sheet.at("networks")) check_network(sheet, network, last_mult);
}

}  // namespace springbok::golden
