// Golden files of Elastic's runs with --num-gpus.
#include "springbok/recipe/elastic_accumulation.h"

#include <ATen/Functions.h>

#include <map>
#include <regex>

#include "springbok/base/error.h"
#include "springbok/recipe/recipe.h"
#include "springbok/tasks/classify.h"
#include "springbok/tasks/multilabel.h"
#include "springbok/train/learner.h"
#include "springbok/train/optim/sgd.h"
#include "springbok/train/stepper.h"
#include "tests/golden/functions/elastic.h"

namespace springbok::golden {
namespace {

using nlohmann::json;

constexpr double kRun = 1e-9;  // a run's numbers, after some steps

/// The samples of a run, and how they are judged.
struct Samples {
  at::Tensor inputs;   // (N,3,H,W), float64
  at::Tensor targets;  // classes (N) int64, or labels (N,classes) uint8
  bool labels = false;

  at::Tensor loss_sum(const at::Tensor& output, std::int64_t first, double scale) const {
    const at::Tensor part = targets.narrow(0, first, output.size(0));
    return labels ? tasks::label_loss_sum(output, part, scale) : tasks::cross_entropy_sum(output, part);
  }
};

Samples samples_of(Sheet& sheet) {
  constexpr double kAllClasses = 255;
  const json& data = sheet.at("data");
  Samples samples{.inputs = input_of(Sheet::need(data, "input")), .targets = {}};
  json target = Sheet::need(data, "target");
  if (target.is_object() && !target.contains("shape")) target["shape"] = json::array({samples.inputs.size(0)});
  samples.targets = input_of(target);
  samples.labels = samples.targets.dim() == 3;
  samples.targets = samples.labels ? samples.targets.amax(1).to(at::kByte) : samples.targets.to(at::kLong);
  if (data["input"].contains("as")) {  // uint8 images
    if (data["input"]["as"] != "uint8 images, y, x, c") sheet.unknown("data: input as");
    const auto row = [](const std::vector<double>& values) { return at::tensor(values, at::kDouble).mul(kAllClasses); };
    samples.inputs = samples.inputs.sub(row(recipe::default_mean(3))).div(row(recipe::default_std(3)));
    samples.inputs = samples.inputs.permute({0, 3, 1, 2}).contiguous();
  }
  if (data.contains("targets")) sheet.numbers("targets", samples.targets, data["targets"], 0.5);
  return samples;
}

/// What a run is told.
struct Settings {
  recipe::ElasticAccumulation split;
  recipe::Schedule rate = {};  ///< of one big batch
  double weight_decay = 1e-4;
  std::int64_t first_epoch = 0, epochs = 1;
  double loss_scale = 1;  ///< multiplies the loss, and nothing divides it again
};

double number_option(const json& file, const std::string& flag, double otherwise) {
  const std::string text = option_of(file, flag);
  return text.empty() ? otherwise : std::stod(text);
}

Settings settings_of(Sheet& sheet, const Samples& samples) {
  const std::string source = sheet.at("source").at("file");
  const auto whole = [&](const char* flag) { return static_cast<std::int64_t>(number_option(sheet.file, flag, 1)); };
  const auto counts = source == "docker_classify.py" ? recipe::ElasticBatch::each : recipe::ElasticBatch::whole;
  Settings settings{.split = elastic_accumulation(whole("-g"), sheet.at("devices"), whole("-b"), counts)};
  settings.rate = {.kind = recipe::ScheduleKind::step,
                   .lr = number_option(sheet.file, "--lr", samples.labels ? 1e-3 : 0.1)};
  settings.rate.step_epochs =
      samples.labels ? std::vector<double>{24, 30} : std::vector<double>{30, 60, 90, 120, 150, 180};
  settings.weight_decay = number_option(sheet.file, "--wd", samples.labels ? 5e-4 : 1e-4);
  settings.first_epoch = whole("--start-epoch");
  settings.epochs = whole("--epochs");
  sheet.equal("N", settings.split.micro_batches, sheet.at("N"));
  sheet.equal("micro_batch", settings.split.batch, sheet.at("micro_batch"));
  sheet.equal("start_epoch", settings.first_epoch, sheet.at("start_epoch"));
  return settings;
}

/// A run of the product's learner, stepper, optimizer and schedule.
class Run {
 public:
  Run(Sheet& sheet, const Samples& samples, const Settings& settings)
      : sheet_(sheet), samples_(samples), settings_(settings), learner_(described_net(sheet.file), engine::State{}) {
    learner_.state = described_weights(learner_.graph);
    optimizer_ = {.momentum = 0.9, .weight_decay = settings.weight_decay * settings.split.decay_factor};
    learner_.optimizer = std::make_unique<train::Sgd>(learner_.graph, learner_.state, optimizer_);
  }

  /// Compares each step with the file's, as long as it has some.
  void go(const json& steps) {
    const std::int64_t images = samples_.inputs.size(0), per_epoch = settings_.split.steps_per_epoch(images);
    recipe::Schedule rate = settings_.rate;
    rate.lr *= settings_.split.lr_factor;
    rate.steps_per_epoch = per_epoch;
    rate.total_steps = per_epoch * settings_.epochs;
    train::Stepper stepper(learner_, {.rate = recipe::curve_of(rate)}, per_epoch * settings_.first_epoch);
    std::size_t step = 0;
    for (std::int64_t epoch = settings_.first_epoch; epoch < settings_.epochs; ++epoch) {
      for (std::int64_t i = 0; i < settings_.split.micro_batches_per_epoch(images); ++i) {
        losses_.push_back(add(stepper, i * settings_.split.batch));
        if ((i + 1) % settings_.split.micro_batches != 0) continue;
        const double lr = stepper.update().lr;
        if (step < steps.size()) check_step(format("step {}", step + 1), lr, steps[step]);
        ++step;
      }
      stepper.discard();
    }
  }

  const std::vector<double>& losses() const { return losses_; }
  at::Tensor value(const std::string& key) const {
    for (graph::ParamId id = 0; id < static_cast<graph::ParamId>(learner_.graph.params().size()); ++id) {
      if (learner_.graph.param(id).name == key) return learner_.state.tensors[id].detach();
    }
    fail("the net has no '{}'", key);
  }
  at::Tensor output() const {
    const engine::Executor executor(learner_.graph);
    return executor.forward(learner_.state, samples_.inputs, {.train = false}).detach();
  }
  at::Tensor momenta() const {
    std::vector<double> norms;
    const tensors::Dict dict = learner_.optimizer->state_dict(0);
    const auto* state = tensors::find_as<tensors::Dict>(dict, "state");
    if (state == nullptr) fail("the optimizer has no state");
    for (const tensors::DictEntry& entry : *state) {
      const auto* momentum =
          tensors::find_as<tensors::Tensor>(std::get<tensors::Dict>(entry.value.data), "momentum_buffer");
      if (momentum != nullptr) norms.push_back(engine::from_plain(*momentum).norm().item<double>());
    }
    return at::tensor(norms, at::kDouble);
  }

 private:
  double add(train::Stepper& stepper, std::int64_t first) {
    constexpr double kElasticScale = 80;
    const at::Tensor input = samples_.inputs.narrow(0, first, settings_.split.batch);
    const auto loss = [&](const at::Tensor& output) {
      return samples_.loss_sum(output, first, kElasticScale).mul(settings_.loss_scale);
    };
    const double sum = stepper.add(input, loss, input.size(0)).loss;
    return sum / settings_.loss_scale / static_cast<double>(input.size(0));
  }

  void check_step(const std::string& what, double lr, const json& wanted) {
    for (const auto& [key, value] : wanted.items()) {
      if (key == "lr") {
        sheet_.near(what + ": lr", lr, value, 1e-12, lr);
      } else if (key == "weight_decay") {
        sheet_.near(what + ": weight decay", learner_.optimizer->groups().at(0).weight_decay, value);
      } else if (key == "l2") {
        for (const auto& [name, l2] : value.items()) {
          sheet_.near(what + ": " + name, this->value(name).norm().item<double>(), l2, kRun);
        }
      } else if (key == "head_bias") {
        sheet_.numbers(what + ": head_bias", this->value("fc.bias").narrow(0, 0, std::ssize(value)), value, kRun);
      } else {
        sheet_.unknown(what + ": " + key);
      }
    }
  }

  Sheet& sheet_;
  const Samples& samples_;
  Settings settings_;
  train::Learner learner_;
  recipe::OptimizerSettings optimizer_;
  std::vector<double> losses_;
};

/// As many of the losses as the file has.
void check_losses(Sheet& sheet, const std::string& what, const Run& run, const json& wanted) {
  const std::size_t count = std::min(run.losses().size(), wanted.size());
  sheet.expect(count == wanted.size(), what + ": fewer losses than the file has");
  sheet.numbers(what,
                at::tensor(std::vector(run.losses().begin(), run.losses().begin() + static_cast<std::ptrdiff_t>(count)),
                           at::kDouble),
                wanted, kRun);
}

void check_validation(Sheet& sheet, const Run& run, const Samples& samples, std::int64_t batch) {
  const at::Tensor output = run.output();
  const double loss = samples.loss_sum(output, 0, 1).item<double>() / static_cast<double>(output.size(0));
  if (sheet.file.contains("validation_loss")) sheet.near("validation loss", loss, sheet.at("validation_loss"), kRun);
  if (sheet.file.contains("validation_error1")) {
    const auto* first = samples.targets.const_data_ptr<std::int64_t>();
    const metrics::ClassTally tally = tasks::sums_of(output, {first, static_cast<std::size_t>(output.size(0))}, 0);
    sheet.near("validation error", 100 - tally.top1_percent(), sheet.at("validation_error1"));
  }
  if (sheet.file.contains("validation")) {
    const metrics::LabelTally tally = tasks::label_tally(output, samples.targets, loss, true);
    check_label_shares(sheet, "validation", tally.kept, 0, batch, loss, sheet.at("validation"), kRun);
  }
}

void check_final(Sheet& sheet, const Run& run, const json& wanted) {
  for (const auto& [key, value] : wanted.items()) {
    value.is_array() ? sheet.numbers("final " + key, run.value(key), value, kRun)
                     : sheet.near("final " + key, run.value(key).item<double>(), value);
  }
}

/// The same samples in one batch, and how far apart the weights end.
void check_one_batch(Sheet& sheet, const Run& run, const Samples& samples, Settings settings) {
  std::smatch match;
  const json& wanted = sheet.at("one_batch");
  const std::string options = Sheet::need(wanted, "options");
  if (!std::regex_match(options, match, std::regex("-b ([0-9]+) on ([0-9]+) devices: N = ([0-9]+)"))) {
    return sheet.unknown("one_batch: " + options);
  }
  const int devices = std::stoi(match[2]);
  settings.split = recipe::elastic_accumulation(devices, devices, std::stoi(match[1]));
  sheet.equal("one batch: N", settings.split.micro_batches, std::stoi(match[3]));
  Run whole(sheet, samples, settings);
  whole.go(Sheet::need(wanted, "steps"));
  check_losses(sheet, "one batch: losses", whole, Sheet::need(wanted, "losses"));
  sheet.numbers("one batch: momentum", whole.momenta(), Sheet::need(wanted, "momentum_buffer_l2"), kRun);
  if (!sheet.file.contains("difference")) return;
  for (const auto& [key, difference] : sheet.at("difference").items()) {
    sheet.near("difference " + key, at::sub(run.value(key), whole.value(key)).abs().max().item<double>(), difference,
               kRun);
  }
}

}  // namespace

void check_accumulation(Sheet& sheet) {
  const Samples samples = samples_of(sheet);
  const Settings settings = settings_of(sheet, samples);
  Run run(sheet, samples, settings);
  run.go(sheet.at("steps"));
  check_losses(sheet, "micro_losses", run, sheet.at("micro_losses"));
  check_final(sheet, run, sheet.at("final"));
  check_validation(sheet, run, samples, settings.split.batch);
  if (sheet.file.contains("momentum_buffer_l2")) {
    sheet.numbers("momentum", run.momenta(), sheet.at("momentum_buffer_l2"), kRun);
  }
  if (sheet.file.contains("one_batch")) check_one_batch(sheet, run, samples, settings);
  for (const auto& [key, value] : sheet.file.items()) {
    if (!key.starts_with("static_loss_scale_")) continue;
    Settings scaled = settings;
    scaled.loss_scale = std::stod(key.substr(key.rfind('_') + 1));
    Run other(sheet, samples, scaled);
    other.go(Sheet::need(value, "steps"));
    check_losses(sheet, key, other, Sheet::need(value, "micro_losses"));
  }
}

}  // namespace springbok::golden
