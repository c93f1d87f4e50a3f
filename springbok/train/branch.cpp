// What a branch takes over from its parent, and what it says of it.
#include "springbok/train/branch.h"

#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/base/quote.h"
#include "springbok/train/made_network.h"
#include "springbok/train/settings.h"

namespace springbok::train {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

std::string full_path(const fs::path& path) {
  std::error_code error;
  const fs::path full = fs::weakly_canonical(path, error);
  return printable((error ? path : full).string());
}

/// The network as the parent trained it: it may have frozen other layers.
graph::Graph parent_network(recipe::Recipe then, const recipe::Recipe& now, const graph::Graph* own) {
  then.options = now.options;  // classes and channels, which no recipe has
  return made_network(then, own);
}

}  // namespace

Json changes_between(const recipe::Recipe& then, const recipe::Recipe& now) {
  const Json before = recipe::to_json(then), after = recipe::to_json(now);
  Json changes = Json::object();
  for (const auto& [key, value] : after.items()) {
    if (!recipe::is_run_key(key) && before[key] != value) changes[key] = Json::array({before[key], value});
  }
  return changes;
}

std::string changes_text(const Json& changes) {
  std::vector<std::string> texts;
  for (const auto& [key, pair] : changes.items()) {
    texts.push_back(format("{} {} -> {}", key, json_text(pair[0]), json_text(pair[1])));
  }
  return join(texts);
}

Json parent_of(const Checkpoint& checkpoint, const Json& changes) {
  const fs::path folder = checkpoint.path.parent_path();
  const run::Position& at = checkpoint.snapshot.position;
  return {{"run", full_path(folder.filename() == "checkpoints" ? folder.parent_path() : folder)},
          {"checkpoint", full_path(checkpoint.path)},
          {"sha256", sha256_file(checkpoint.path)},
          {"epoch", at.epoch},
          {"step", at.step},
          {"changed", changes}};
}

run::Position position_in(const Checkpoint& checkpoint, const recipe::Pace& then, const recipe::Pace& now) {
  run::Position at = checkpoint.snapshot.position;
  const std::int64_t images = std::min(at.step_in_epoch * then.images_per_step, then.images_per_epoch);
  if (at.step_in_epoch >= then.steps_per_epoch) {
    at.step_in_epoch = now.steps_per_epoch;  // all that is left of the epoch is its evaluation
  } else if (images % now.images_per_step == 0) {
    at.step_in_epoch = images / now.images_per_step;
  } else {
    fail_usage(
        "--batch-size: the checkpoint stands {} images into epoch {}, where steps of {} do not come; give a batch that "
        "divides them, or branch from a checkpoint at an epoch's end",
        images, at.epoch + 1, now.images_per_step);
  }
  at.step = at.epoch * now.steps_per_epoch + at.step_in_epoch;
  at.skipped = at.rollbacks = 0;  // another recipe has faults of its own
  return at;
}

void expect_something_left(const Checkpoint& checkpoint, const recipe::Recipe& now) {
  const run::Position& at = checkpoint.snapshot.position;
  const std::int64_t begun = at.epoch + (at.step_in_epoch > 0 ? 1 : 0);
  if (now.epochs > at.epoch && now.epochs >= begun) return;
  fail_usage("--epochs: {} in all leave nothing to train: {} has {} behind it; give more", now.epochs,
             checkpoint.path.string(), begun);
}

void restore_branch(const Checkpoint& checkpoint, const recipe::Recipe& then, const recipe::Recipe& now,
                    Learner& learner, const graph::Graph* own) {
  const std::string where = checkpoint.path.string();
  learner.load_weights(checkpoint.state, where);
  if (then.optimizer.kind == now.optimizer.kind) {
    Learner parent(parent_network(then, now, own), learner.state);
    const std::unique_ptr<Optimizer> before = optimizer_for(then, parent);
    before->load(*tensors::find_as<tensors::Dict>(checkpoint.learner, "optimizer"), where);
    learner.optimizer->take_over(*before);
  }
  const auto* scaler = tensors::find_as<tensors::Dict>(checkpoint.learner, "scaler");
  if (learner.scaler && scaler != nullptr) learner.scaler->load(*scaler, where);
  const auto* plateau = tensors::find_as<tensors::Dict>(checkpoint.learner, "plateau");
  if (learner.plateau && plateau != nullptr) learner.plateau->load(*plateau, where);
}

void take_averages(const Checkpoint& checkpoint, const recipe::Recipe& then, Learner& learner) {
  const auto* list = tensors::find_as<tensors::List>(checkpoint.learner, "averages");
  const std::size_t count = list == nullptr ? 0 : list->size();
  const bool equal = then.averages.swa_start > 0;
  const bool alike = std::all_of(learner.averages.begin(), learner.averages.end(),
                                 [&](const auto& each) { return each->rule().equal == equal; });
  if (alike && count == learner.averages.size()) learner.load_averages(checkpoint.learner, checkpoint.path.string());
}

}  // namespace springbok::train
