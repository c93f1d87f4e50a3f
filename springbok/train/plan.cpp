// Counting what a run will take.
#include "springbok/train/plan.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <chrono>

#include "springbok/base/error.h"
#include "springbok/engine/device.h"
#include "springbok/engine/place.h"
#include "springbok/engine/step_memory.h"
#include "springbok/engine/threads.h"
#include "springbok/graph/build.h"
#include "springbok/graph/cost.h"
#include "springbok/train/made_network.h"
#include "springbok/train/settings.h"

namespace springbok::train {
namespace {

constexpr std::int64_t kFloat = 4;
/// LibTorch's libraries as far as a training touches them, and what a process takes beside tensors; measured.
constexpr std::int64_t kProgram = 145'000'000;
constexpr std::int64_t kWaiting = 2;  ///< batches: data::LoaderSettings::prefetch

class Promised final : public data::Source {
 public:
  Promised(const recipe::About& about, int channels, recipe::TaskChoice task)
      : images_(about.images), channels_(channels) {
    if (task == recipe::TaskChoice::multilabel) kind_ = data::TargetKind::labels;
    if (task == recipe::TaskChoice::segment) kind_ = data::TargetKind::masks;
    for (std::int64_t i = 0; i < about.classes; ++i) classes_.push_back(format("class {}", i));
  }
  std::int64_t size() const override { return images_; }
  const std::vector<std::string>& classes() const override { return classes_; }
  int channels() const override { return channels_; }
  image::Image image(std::int64_t, int) const override { fail("a plan has no images"); }
  data::TargetKind target_kind() const override { return kind_; }
  std::int64_t target(std::int64_t) const override { return 0; }
  std::string name(std::int64_t index) const override { return format("{}", index); }
  std::string description() const override { return format("{} images, as the recipe says", with_commas(images_)); }
  std::string digest() const override { return ""; }

 private:
  std::int64_t images_;
  int channels_;
  data::TargetKind kind_ = data::TargetKind::classes;
  std::vector<std::string> classes_;
};

std::int64_t tensor_bytes(const tensors::Value& value) {
  std::int64_t bytes = 0;
  if (const auto* tensor = std::get_if<tensors::Tensor>(&value.data)) {
    return tensor->elements() > 1 ? tensor->elements() * static_cast<std::int64_t>(size_of(tensor->dtype)) : 0;
  }
  if (const auto* dict = std::get_if<tensors::Dict>(&value.data)) {
    for (const tensors::DictEntry& entry : *dict) bytes += tensor_bytes(entry.value);
  }
  return bytes;
}

/// What the recipe's optimizer keeps for each trained number: that of a small layer, after one update.
double buffers_per_number(const recipe::Recipe& recipe) {
  constexpr std::int64_t kWidth = 16;
  graph::Graph small;
  const graph::Value x = graph::input(small, kWidth);
  small.set_output(graph::conv({&small, "conv"}, x, {.out = kWidth, .kernel = 3}).id);
  Learner learner(std::move(small), 0);
  recipe::Recipe plain;  // what other keys say of layers by name does not fit the small one
  plain.optimizer = recipe.optimizer;
  const std::unique_ptr<Optimizer> optimizer = optimizer_for(plain, learner);
  for (at::Tensor& tensor : learner.state.tensors) tensor.mutable_grad() = at::ones_like(tensor);
  optimizer->prepare();
  optimizer->step(0);
  const tensors::Dict dict = optimizer->state_dict(0);
  const tensors::Value* state = find(dict, "state");
  check(state != nullptr, "an optimizer's state_dict has its state");
  return static_cast<double>(tensor_bytes(*state)) / static_cast<double>(graph::count_params(learner.graph));
}

/// As the optimizer's groups have them, frozen layers and all.
void count_parameters(const graph::Graph& graph, Plan& plan) {
  Learner learner(graph, engine::allocate(graph));
  const std::unique_ptr<Optimizer> optimizer = optimizer_for(plan.recipe, learner);
  for (const ParamGroup& group : optimizer->groups()) {
    for (const Slot& slot : group.slots) {
      (group.weight_decay > 0 ? plan.decayed : plan.undecayed) += graph.param(slot.param).elements();
    }
  }
  std::int64_t all = 0;
  for (const graph::Param& param : graph.params()) all += param.elements();
  plan.frozen = all - plan.decayed - plan.undecayed;
  plan.memory.parameters = kFloat * all;
}

graph::Shape batch_shape(const recipe::Recipe& recipe, std::int64_t images) {
  const std::int64_t side = recipe::full_training_size(recipe);
  return {images, recipe.preprocess.channels, side, side};
}

/// The steps of a pass, and in mixed precision the bytes of each node's numbers.
struct TrainingSteps {
  engine::Steps steps;
  Indexed<std::int64_t> item = {};
};

TrainingSteps training_steps(const graph::Graph& graph, const recipe::Recipe& recipe) {
  constexpr std::int64_t kFew = 2;
  engine::State state = engine::allocate(graph);
  for (at::Tensor& tensor : state.tensors) tensor.zero_();
  const at::Tensor images = at::zeros(batch_shape(recipe, kFew)).contiguous(at::MemoryFormat::ChannelsLast);
  const engine::Executor executor(graph);
  engine::Pass pass{.train = true, .precision = recipe.precision};
  TrainingSteps training{.steps = executor.steps(state, images, pass)};
  if (recipe.precision == Precision::fp32) return training;
  const at::NoGradGuard no_grad;
  training.item.resize(graph.nodes().size());
  for (std::int64_t& each : training.item) each = kFloat;
  pass.observe = [&](graph::NodeId id, const at::Tensor& value) { training.item[id] = value.element_size(); };
  executor.forward(state, images, pass);
  return training;
}

void plan_memory(const graph::Graph& graph, Plan& plan) {
  const recipe::Recipe& recipe = plan.recipe;
  const graph::Shape batch = batch_shape(recipe, recipe.batch_size);
  const TrainingSteps training = training_steps(graph, recipe);
  plan.memory.step = engine::step_memory(graph, training.steps, batch, recipe.recompute, training.item).peak;
  const std::int64_t trained = plan.decayed + plan.undecayed;
  if (recipe.sharpness.rho > 0) plan.memory.step += kFloat * trained;  // the weights before the climb
  plan.memory.optimizer = static_cast<std::int64_t>(buffers_per_number(recipe) * static_cast<double>(trained));
  if (recipe.ema_decay > 0 || recipe.averages.swa_start > 0) plan.memory.averages = plan.memory.parameters;
  plan.memory.copy = plan.memory.parameters + plan.memory.optimizer + plan.memory.averages;
  const std::int64_t images = kFloat * graph::elements(batch);
  plan.memory.batches = images * (kWaiting + recipe.workers);
  plan.memory.program = kProgram;
}

void plan_disk(Plan& plan) {
  constexpr std::int64_t kBestAndHalfWritten = 2;
  plan.disk.weights = plan.memory.parameters;
  plan.disk.checkpoint = plan.memory.parameters + plan.memory.optimizer + plan.memory.averages;
  plan.disk.stay = plan.recipe.keep_every > 0 ? plan.recipe.epochs / plan.recipe.keep_every : 0;
  plan.disk.checkpoints = plan.recipe.keep + plan.disk.stay + kBestAndHalfWritten;
}

double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

/// Of a batch: each image and pixel has one class or label after the other.
data::Batch made_up_targets(const recipe::Recipe& recipe) {
  const std::int64_t images = recipe.batch_size, classes = recipe.options.classes;
  const auto side = static_cast<int>(full_training_size(recipe));
  data::Batch batch{.size = images, .height = side, .width = side, .pixels = {}, .targets = {}, .indices = {}};
  for (std::int64_t i = 0; i < images; ++i) batch.targets.push_back(i % classes);
  const auto cycled = [&](std::int64_t count, std::int64_t of) {
    std::vector<std::uint8_t> values;
    for (std::int64_t i = 0; i < count; ++i) values.push_back(static_cast<std::uint8_t>(i % of));
    return values;
  };
  if (recipe.task == recipe::TaskChoice::multilabel) batch.labels = cycled(images * classes, 2);
  if (recipe.task == recipe::TaskChoice::segment) batch.masks = cycled(images * side * side, classes);
  return batch;
}

/// The first batch decides the steps and is not counted.
Probe run_probe(graph::Graph graph, const Plan& plan, std::int64_t batches) {
  const recipe::Recipe& recipe = plan.recipe;
  engine::set_compute_threads(static_cast<int>(recipe.threads));
  Learner learner(std::move(graph), static_cast<std::uint64_t>(recipe.seed));
  engine::put(learner.state, engine::parse_device(recipe.device, "--device"));
  learner.optimizer = optimizer_for(recipe, learner);
  learner.scaler = scaler_for(recipe);
  Stepper stepper(learner, stepper_settings(recipe, plan.pace));
  const at::Tensor images =
      at::randn(batch_shape(recipe, recipe.batch_size)).contiguous(at::MemoryFormat::ChannelsLast);
  const Objective objective = objective_of(recipe);
  const data::Batch targets = made_up_targets(recipe);
  const auto once = [&] {
    add_batch(stepper, objective, images, targets, {}, {.samples = recipe.batch_size});
    stepper.update();
  };
  once();
  const auto began = std::chrono::steady_clock::now();
  for (std::int64_t i = 0; i < batches; ++i) once();
  return {.batches = batches, .seconds = seconds_since(began) / static_cast<double>(batches)};
}

}  // namespace

std::unique_ptr<data::Source> promised_source(const recipe::About& about, int channels, recipe::TaskChoice task) {
  return std::make_unique<Promised>(about, channels, task);
}

Plan make_plan(recipe::Recipe recipe, const data::Source& training, std::int64_t val_images, std::int64_t probe) {
  Plan plan;
  plan.recipe = std::move(recipe);
  plan.images = training.size();
  plan.val_images = val_images;
  recipe::resolve(plan.recipe, training);
  plan.pace = pace_of(plan.recipe, plan.images);
  plan.schedule = schedule_of(plan.recipe, plan.pace.steps_per_epoch);
  plan.rate = stepper_settings(plan.recipe, plan.pace).rate;
  const graph::Graph graph = made_network(plan.recipe, nullptr);
  recipe::check_outputs(graph, plan.recipe);
  recipe::check_last_batch(graph, plan.recipe, plan.images);
  count_parameters(graph, plan);
  plan_memory(graph, plan);
  plan_disk(plan);
  if (probe > 0) plan.probe = run_probe(graph, plan, probe);
  return plan;
}

}  // namespace springbok::train
