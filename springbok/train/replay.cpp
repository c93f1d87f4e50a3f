// Running a dumped step.
#include "springbok/train/replay.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "springbok/base/error.h"
#include "springbok/engine/device.h"
#include "springbok/engine/place.h"
#include "springbok/engine/threads.h"
#include "springbok/recipe/pace.h"
#include "springbok/tensors/read.h"
#include "springbok/train/branch.h"
#include "springbok/train/checkpoint.h"
#include "springbok/train/made_network.h"
#include "springbok/train/settings.h"
#include "springbok/train/stepper.h"
#include "springbok/train/teacher.h"

namespace springbok::train {
namespace {

template <class T>
const T& entry(const tensors::Dict& dict, const std::string& key, const std::string& where) {
  const T* found = tensors::find_as<T>(dict, key);
  if (found == nullptr)
    fail("{}: its dumped step says nothing of '{}'; it is damaged, or of an older build", where, key);
  return *found;
}

template <class T>
std::vector<T> list_of(const tensors::Dict& dict, const std::string& key, const std::string& where) {
  std::vector<T> list;
  for (const tensors::Value& value : entry<tensors::List>(dict, key, where)) {
    const T* item = std::get_if<T>(&value.data);
    if (item == nullptr) fail("{}: the '{}' of its dumped step are of the wrong type", where, key);
    list.push_back(*item);
  }
  return list;
}

std::vector<std::int64_t> numbers(const tensors::Dict& dict, const std::string& key, const std::string& where) {
  const at::Tensor tensor = engine::from_plain(entry<tensors::Tensor>(dict, key, where)).to(at::kLong).contiguous();
  return {tensor.const_data_ptr<std::int64_t>(), tensor.const_data_ptr<std::int64_t>() + tensor.numel()};
}

/// What some tasks alone have.
std::vector<std::uint8_t> bytes(const tensors::Dict& dict, const std::string& key) {
  const auto* plain = tensors::find_as<tensors::Tensor>(dict, key);
  if (plain == nullptr) return {};
  const at::Tensor tensor = engine::from_plain(*plain).to(at::kByte).contiguous();
  return {tensor.const_data_ptr<std::uint8_t>(), tensor.const_data_ptr<std::uint8_t>() + tensor.numel()};
}

/// Of images that were mixed apart; builds before said nothing of them.
std::vector<double> shares_of(const tensors::Dict& dict, const std::string& where) {
  return tensors::find(dict, "shares") == nullptr ? std::vector<double>() : list_of<double>(dict, "shares", where);
}

/// One batch of the dump, given to the stepper; returns its loss.
double add(Stepper& stepper, const Objective& objective, const tensors::Dict& dict, std::int64_t samples,
           const std::string& where) {
  const at::Tensor input = engine::from_plain(entry<tensors::Tensor>(dict, "input", where));
  data::Batch batch{.size = input.size(0),
                    .height = static_cast<int>(input.size(2)),
                    .width = static_cast<int>(input.size(3)),
                    .channels = static_cast<int>(input.size(1)),
                    .pixels = {},
                    .targets = numbers(dict, "targets", where),
                    .indices = {}};
  batch.labels = bytes(dict, "labels");
  batch.masks = bytes(dict, "masks");
  const recipe::Mixed mixed{.partners = numbers(dict, "partners", where),
                            .share = entry<double>(dict, "share", where),
                            .shares = shares_of(dict, where),
                            .labels = bytes(dict, "partner_labels")};
  const InStep place{.samples = samples, .first = entry<std::int64_t>(dict, "first_sample", where)};
  return metrics::loss_of(
      add_batch(stepper, objective, input.contiguous(at::MemoryFormat::ChannelsLast), batch, mixed, place));
}

StepOutcome run_step(Stepper& stepper, const Objective& objective, const tensors::Dict& given,
                     std::vector<std::string>& images, const std::string& where) {
  StepOutcome outcome;
  try {
    for (const tensors::Dict& batch : list_of<tensors::Dict>(given, "batches", where)) {
      images = list_of<std::string>(batch, "names", where);
      outcome.losses.push_back(
          add(stepper, objective, batch, entry<std::int64_t>(given, "samples_in_step", where), where));
    }
    stepper.update();
  } catch (const NotFinite& error) {
    outcome = {.error = error.what(), .losses = error.losses};
  }
  return outcome;
}

const tensors::Dict& given_of(const tensors::File& file, const std::string& where) {
  const auto* root = std::get_if<tensors::Dict>(&file.root.data);
  const auto* given = root == nullptr ? nullptr : tensors::find_as<tensors::Dict>(*root, "given");
  if (given == nullptr) fail("{}: holds no dumped step; give a run's not_finite-step-*.pt", where);
  if (entry<bool>(*given, "own", where))
    fail("{}: its network, loss or rate were a program's own; only that program can repeat it (train/stepper.h)",
         where);
  return *given;
}

}  // namespace

bool StepOutcome::operator==(const StepOutcome& other) const {
  const auto same = [](double a, double b) {
    return (std::isnan(a) && std::isnan(b)) || std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
  };
  return error == other.error &&
         std::equal(losses.begin(), losses.end(), other.losses.begin(), other.losses.end(), same);
}

Replayed replay(const std::filesystem::path& path) {
  const std::string where = path.string();
  const Checkpoint checkpoint = read_checkpoint(path);
  const tensors::File file = tensors::read(path);
  const tensors::Dict& given = given_of(file, where);
  const Snapshot& snapshot = checkpoint.snapshot;
  recipe::Recipe recipe = recipe::recipe_from_json(snapshot.recipe, where);
  recipe.options = snapshot.card.options;  // with classes and channels
  const auto seed = static_cast<std::uint64_t>(entry<std::int64_t>(given, "seed", where));
  engine::set_compute_threads(snapshot.threads);
  Learner learner(made_network(recipe, nullptr), seed);
  engine::put(learner.state, engine::parse_device(recipe.device, "--device"));
  learner.optimizer = optimizer_for(recipe, learner);
  learner.scaler = scaler_for(recipe);
  restore_branch(checkpoint, recipe, recipe, learner, nullptr);
  StepperSettings settings =
      stepper_settings(recipe, recipe::pace_of(recipe, entry<std::int64_t>(given, "images", where)),
                       list_of<double>(given, "class_weights", where));
  settings.seed = seed;
  settings.rate = recipe::constant(entry<double>(given, "lr", where));
  std::unique_ptr<Teacher> teacher;
  if (!recipe.loss.teacher.empty()) {
    teacher = std::make_unique<Teacher>(recipe, list_of<std::int64_t>(given, "teacher_outputs", where),
                                        entry<std::string>(given, "teacher_sha256", where), where);
    settings.distillation.teacher = [&](const at::Tensor& input) { return (*teacher)(input); };
  }
  Stepper stepper(learner, std::move(settings), snapshot.position.step);
  const Objective objective{.task = snapshot.card.task, .labels = label_loss_for(recipe.loss)};
  Replayed replayed{
      .model = snapshot.card.model,
      .step = snapshot.position.step + 1,
      .images = {},
      .then = {.error = entry<std::string>(given, "error", where), .losses = list_of<double>(given, "losses", where)},
      .now = {}};
  replayed.now = run_step(stepper, objective, given, replayed.images, where);
  return replayed;
}

}  // namespace springbok::train
