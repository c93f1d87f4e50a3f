// The kinds of golden files of ModelZoo's training loop and of its scripts.
#include <ATen/Functions.h>

#include <algorithm>
#include <optional>
#include <regex>

#include "springbok/base/error.h"
#include "springbok/graph/build.h"
#include "springbok/recipe/book.h"
#include "springbok/recipe/foreign.h"
#include "springbok/recipe/layers.h"
#include "springbok/recipe/pace.h"
#include "springbok/tasks/classify.h"
#include "springbok/train/settings.h"
#include "tests/golden/functions/losses.h"

namespace springbok::golden {
namespace {

using nlohmann::json;

constexpr double kLoop = 1e-9;

graph::Shape shape_of(const json& state, const std::string& key) {
  return Sheet::need(Sheet::need(state, key), "shape").get<graph::Shape>();
}

/// The note's network, with the sizes that the state dict has.
graph::Graph tiny_network(const json& state) {
  graph::Graph network;
  const graph::Scope root{&network, ""};
  const graph::Shape one = shape_of(state, "conv1.weight"), two = shape_of(state, "conv2.weight");
  graph::Value x =
      graph::conv(root / "conv1", graph::input(network, one[1]), {.out = one[0], .kernel = one[2], .padding = 1});
  x = graph::relu(graph::norm(root / "bn1", x));
  x = graph::conv(root / "conv2", x, {.out = two[0], .kernel = two[2], .stride = 2, .padding = 1});
  x = graph::relu(graph::norm(root / "bn2", x));
  graph::output(
      graph::linear(root / "fc", graph::flatten(graph::global_pool(x)), {.out = shape_of(state, "fc.weight")[0]}));
  return network;
}

/// `fill "__batch__.train.e.i" [6, 3, 8, 8] scale 2` of the notes.
struct Batches {
  graph::Shape shape;
  double scale = 0;
  std::int64_t classes = 0;

  at::Tensor images(const std::string& part) const {
    return fill_scaled("__batch__." + part, shape, scale).contiguous(at::MemoryFormat::ChannelsLast);
  }
  std::vector<std::int64_t> labels(const std::string& part) const {
    const at::Tensor u = at::floor(at::mul(fill_u("__labels__." + part, {shape[0]}), static_cast<double>(classes)));
    const at::Tensor whole = u.to(at::kLong);
    return {whole.const_data_ptr<std::int64_t>(), whole.const_data_ptr<std::int64_t>() + whole.numel()};
  }
};

Batches batches_of(Sheet& sheet, std::int64_t classes) {
  const std::regex said(R"(__batch__\S+ \[(\d+), (\d+), (\d+), (\d+)\] scale (\d+))");
  for (const json& note : sheet.at("note")) {
    std::smatch found;
    const std::string text = note;
    if (!std::regex_search(text, found, said)) continue;
    Batches batches{.shape = {}, .scale = std::stod(found[5]), .classes = classes};
    for (std::size_t i = 1; i <= 4; ++i) batches.shape.push_back(std::stoll(found[i]));
    return batches;
  }
  fail("its notes do not say what a batch is");
}

/// The script's flags as a recipe of ours.
recipe::Recipe recipe_of(const json& c, std::int64_t batch) {
  recipe::Recipe recipe;
  recipe.epochs = std::ssize(Sheet::need(c, "epochs"));
  recipe.batch_size = batch;
  recipe.rate.kind = recipe::ScheduleKind::toolbox_cosine;
  recipe.rate.lr = Sheet::need(c, "base_lr");
  recipe.warmup_epochs = Sheet::need(c, "warmup_epochs");
  recipe.optimizer.nesterov = true;
  recipe.optimizer.weight_decay = Sheet::need(c, "wd");
  recipe.optimizer.norm_decay = !Sheet::need(c, "no_wd").get<bool>();
  if (Sheet::need(c, "label_smoothing_0_1").get<bool>()) {
    recipe.label_smoothing = 0.1;
    recipe.loss.smoothing_form = recipe::SmoothingForm::toolbox;
  }
  if (Sheet::need(c, "sgd_gc").get<bool>()) recipe.optimizer.centralise = recipe::Centralise::toolbox;
  if (Sheet::need(c, "lookahead").get<bool>()) {  // torch-toolbox's defaults
    recipe.optimizer.lookahead = {.k = 5, .alpha = 0.5, .form = recipe::LookaheadForm::toolbox};
  }
  return recipe;
}

/// The share of each step under mixup, as it was drawn; null where the case has none.
json shares_of(const json& c) {
  for (const auto& [key, value] : c.items()) {
    const bool fits = key.find("lam") != std::string::npos && value.is_array() &&
                      value.size() == Sheet::need(c, "rate_of_step").size();
    if (fits) return value;
  }
  return {};
}

/// One case: the published loop, run by our Learner and Stepper.
class Run {
 public:
  Run(Sheet& sheet, const json& c, const json& state)
      : sheet_(sheet),
        case_(c),
        batches_(batches_of(sheet, shape_of(state, "fc.weight")[0])),
        steps_(std::ssize(Sheet::need(c, "rate_of_step")) / std::ssize(Sheet::need(c, "epochs"))),
        recipe_(recipe_of(c, batches_.shape[0])),
        learner_(tiny_network(state), filled_state(tiny_network(state), at::kDouble)) {
    learner_.optimizer = train::optimizer_for(recipe_, learner_);
    settings_ = train::stepper_settings(recipe_, pace_of(recipe_, steps_ * recipe_.batch_size));
    stepper_.emplace(learner_, settings_);
  }

  void check() {
    for (const json& epoch : Sheet::need(case_, "epochs")) {
      one_epoch(epoch);
      validate(epoch);
    }
    const json& after = Sheet::need(case_, "state_dict_after");
    for (std::size_t i = 0; i < learner_.graph.params().size(); ++i) {
      const std::string& name = learner_.graph.params()[i].name;
      const json& wanted = Sheet::need(after, name);
      const at::Tensor& got = learner_.state.tensors[i];
      if (wanted.is_number()) sheet_.near(name, got.item<double>(), wanted);
      if (wanted.is_object()) sheet_.tensor(name, got, wanted, kLoop);
    }
    sheet_.equal("entries of the state dict", learner_.graph.params().size(), after.size());
  }

 private:
  void one_epoch(const json& epoch) {
    metrics::ClassTally sums;
    double losses = 0;
    for (std::int64_t i = 0; i < steps_; ++i) {
      const std::string part = format("train.{}.{}", epoch["epoch"].get<std::int64_t>(), i);
      const std::vector<std::int64_t> labels = batches_.labels(part);
      const auto step = static_cast<std::size_t>(stepper_->step());
      const metrics::ClassTally tally = add(part, labels, step);
      sheet_.near("rate", stepper_->update().lr, Sheet::need(case_, "rate_of_step").at(step));
      sheet_.near("loss", tally.mean_loss(), Sheet::need(case_, "loss_of_step").at(step), kLoop);
      losses += tally.mean_loss();
      sums += tally;
    }
    if (!mixes()) sheet_.near("train_top1", sums.top1_percent() / 100, Sheet::need(epoch, "train_top1"));
    sheet_.near("train_loss", losses / static_cast<double>(steps_), Sheet::need(epoch, "train_loss"), kLoop);
  }

  bool mixes() const { return Sheet::need(case_, "mixup").get<bool>(); }

  /// Under mixup with the batch turned round, in the batch's own float64: the loader's mixtures are float32.
  metrics::ClassTally add(const std::string& part, const std::vector<std::int64_t>& labels, std::size_t step) {
    const at::Tensor images = batches_.images(part);
    if (!mixes()) return stepper_->add(images, labels, batches_.shape[0]);
    const double share = shares_of(case_).at(step);
    const std::vector<std::int64_t> partners(labels.rbegin(), labels.rend());
    const at::Tensor mixed = at::add(at::mul(images, share), at::flip(images, {0}), 1 - share);
    return stepper_->add(mixed.contiguous(at::MemoryFormat::ChannelsLast),
                         {.targets = labels, .partners = partners, .share = share}, batches_.shape[0]);
  }

  /// Two batches, with the training's loss.
  void validate(const json& epoch) {
    metrics::ClassTally sums;
    for (const char* part : {"val.0.0", "val.0.1"}) {
      const std::vector<std::int64_t> labels = batches_.labels(part);
      const at::Tensor logits = stepper_->executor().forward(learner_.state, batches_.images(part), {});
      sums += tasks::sums_of(logits, labels, settings_.loss(logits, {.targets = labels}).item<double>());
    }
    sheet_.near("val_top1", sums.top1_percent() / 100, Sheet::need(epoch, "val_top1"));
    sheet_.near("val_top5", sums.top5_percent() / 100, Sheet::need(epoch, "val_top5"));
    sheet_.near("val_loss", sums.mean_loss(), Sheet::need(epoch, "val_loss"), kLoop);
  }

  Sheet& sheet_;
  const json& case_;
  Batches batches_;
  std::int64_t steps_;
  recipe::Recipe recipe_;
  train::Learner learner_;
  train::StepperSettings settings_;
  std::optional<train::Stepper> stepper_;
};

void train_loop(Sheet& sheet) {
  for (const json& c : sheet.at("cases")) {
    if (Sheet::need(c, "mixup").get<bool>() && shares_of(c).is_null()) {
      sheet.unknown("a loop with mixup whose shares are not said");
      continue;
    }
    Run(sheet, c, Sheet::need(c, "state_dict_after")).check();
  }
}

/// A script's flag and the option that says the same. `off`: our value where theirs is false.
struct Same {
  const char* flag;
  const char* key;
  json off = {};
};

const std::vector<Same>& same_options() {
  static const std::vector<Same> rows{
      {"--batch-size", "batch_size"},     {"--epochs", "epochs"},
      {"--momentum", "momentum"},         {"--wd", "weight_decay"},
      {"--dropout", "dropout"},           {"--warmup-epochs", "warmup_epochs"},
      {"--warmup-lr", "warmup_lr"},       {"--input-size", "size"},
      {"--crop-ratio", "crop_ratio"},     {"--mixup-off-epoch", "mixup_off_epoch"},
      {"--mixup", "mixup", 0.0},          {"--label-smoothing", "label_smoothing", 0.0},
      {"--no-wd", "norm_decay", true},    {"--last-gamma", "zero_gamma", false},
      {"--sgd-gc", "centralise", "none"},
  };
  return rows;
}

/// The defaults of a script against those of the recipe that is said to be from it.
void script_defaults(Sheet& sheet, const std::string& script, const json& defaults, const json& ours) {
  for (const Same& same : same_options()) {
    if (!defaults.contains(same.flag)) continue;
    const json& theirs = defaults[same.flag];
    const std::string what = script + ": " + same.flag;
    if (theirs.is_boolean()) {
      sheet.equal(what, ours.at(same.key), theirs.get<bool>() ? json("on") : same.off);
    } else {
      sheet.near(what, ours.at(same.key).get<double>(), theirs);
    }
  }
}

/// Every flag of a script is an option here, or its hint says what stands for it; and a recipe has its defaults.
void train_script(Sheet& sheet) {
  for (const auto& [name, script] : sheet.at("scripts").items()) {
    recipe::Recipe recipe;
    const Options options = recipe::option_table(recipe);
    const json& defaults = Sheet::need(script, "defaults");
    for (const auto& [flag, value] : defaults.items()) {
      std::string key = flag.substr(2);
      std::replace(key.begin(), key.end(), '-', '_');
      const bool known = find_option(options, key) != nullptr || !recipe::foreign_hint(flag, options).empty();
      sheet.expect(known, format("{}: nothing is said of its flag {}", name, flag));
    }
    for (const recipe::Page& page : recipe::book()) {
      if (!page.name.ends_with("/defaults")) continue;
      recipe::Given given;
      const recipe::Layers layers = recipe::read_recipe(page.name, options, given);
      if (!layers.about.from.ends_with("scripts/" + name + ".py")) continue;
      script_defaults(sheet, name, defaults, json(option_values(options)));
    }
  }
}

}  // namespace

std::vector<Kind> loop_kinds() {
  return {
      {"scripts/distribute_train_script.py", "train_one_epoch", {"cases"}, train_loop},
      {"scripts/distribute_train_script.py", "parser", {"scripts"}, train_script},
  };
}

}  // namespace springbok::golden
