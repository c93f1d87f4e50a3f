// Choosing a checkpoint and merging its recipe with the new command's.
#include "springbok/train/start.h"

#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/base/json.h"
#include "springbok/base/quote.h"
#include "springbok/data/source/class_match.h"
#include "springbok/engine/device.h"
#include "springbok/recipe/class_weights.h"
#include "springbok/recipe/pace.h"
#include "springbok/train/branch.h"
#include "springbok/train/found.h"
#include "springbok/train/pretrained.h"

namespace springbok::train {
namespace {

void check_same_classes(const Checkpoint& checkpoint, const std::vector<std::string>& now) {
  const std::vector<std::string>& then = checkpoint.snapshot.card.classes;
  if (then == now) return;
  const auto [a, b] = std::mismatch(then.begin(), then.end(), now.begin(), now.end());
  fail(
      "{}: was trained on other classes: {} then, {} now; the first that differs: '{}' then, '{}' now; start a new run",
      checkpoint.path.string(), then.size(), now.size(), a == then.end() ? "none" : *a, b == now.end() ? "none" : *b);
}

void check_same_data(const Checkpoint& checkpoint, const recipe::Recipe& recipe, const data::Source& training,
                     const data::Source& validation) {
  const Snapshot& snapshot = checkpoint.snapshot;
  check_same_classes(checkpoint, output_names(recipe, training.classes()));
  if (snapshot.data_digest != training.digest()) {
    fail("{}: was trained on other images of the same classes (digest {} then, {} now); start a new run",
         checkpoint.path.string(), snapshot.data_digest, training.digest());
  }
  const std::string now = validation.digest();
  if (snapshot.validation_digest.empty() || snapshot.validation_digest == now) return;
  fail("{}: was evaluated on other validation images (digest {} then, {} now); put them back, or start a new run",
       checkpoint.path.string(), snapshot.validation_digest, now);
}

/// A program's own source may say anything; the run's files are text.
void check_names(const std::vector<std::string>& classes) {
  for (const std::string& name : classes) {
    if (printable(name) == name) continue;
    fail("class '{}' is not plain UTF-8 text; data::printable_names gives a source such names", shortened(name));
  }
}

/// A place that the recipe, on these images, passes.
void check_position(const Checkpoint& checkpoint, const recipe::Recipe& recipe, const data::Source& training) {
  const run::Position& at = checkpoint.snapshot.position;
  const recipe::Pace pace = pace_of(recipe, training.size());
  const bool fits = at.epoch <= recipe.epochs && at.step_in_epoch <= pace.steps_per_epoch &&
                    (at.step - at.step_in_epoch) % pace.steps_per_epoch == 0 &&
                    (at.step - at.step_in_epoch) / pace.steps_per_epoch == at.epoch &&
                    metrics::samples_of(at.sums) <= pace.images_per_epoch;
  if (fits) return;
  fail("{}: stands at epoch {}, step {} ({} of the epoch), where no run of {} epochs of {} steps comes; it is damaged",
       checkpoint.path.string(), at.epoch, at.step, at.step_in_epoch, recipe.epochs, pace.steps_per_epoch);
}

/// What to type: `--lr 0.5`, `--no-nesterov`, `--step-epochs 30,60`.
std::string flag_of(const std::string& key, const nlohmann::json& value) {
  const std::string flag = flag_name(key);
  if (value.is_boolean()) return value.get<bool>() ? flag : "--no-" + flag.substr(2);
  std::vector<std::string> texts;
  for (const nlohmann::json& item : value.is_array() ? value : nlohmann::json::array({value})) {
    texts.push_back(item.is_string() ? item.get<std::string>() : json_text(item));
  }
  return flag + " " + join(texts, ",");
}

/// A key that would change what the resumed run computes.
void expect_may_change(const Option& option, const std::string& given_as, const nlohmann::json& then,
                       const nlohmann::json& now, const Checkpoint& checkpoint, bool branches) {
  const std::string path = checkpoint.path.string();
  if (option.key == "model") {
    fail_usage(
        "{}: the checkpoint is of {}, this command asks for {}; a new run takes what fits of weights: --init {} --out "
        "ANOTHER",
        given_as, json_text(then), json_text(now), path);
  }
  if (!branches) {
    fail_usage(
        "{}: a resumed run keeps its recipe; the checkpoint has {}, this command {}; to go on from there under another "
        "recipe, as a new run, type: --resume {} --out ANOTHER {}",
        given_as, json_text(then), json_text(now), path, flag_of(option.key, now));
  }
  if (option.key == "init" || option.key == "allow" || option.key == "pretrained") {
    fail_usage("{}: has no effect here; the weights go on from {}", given_as, path);
  }
}

/// A new run that goes on from another's checkpoint stands where its own steps have brought it.
void branch(Start& start, std::int64_t images) {
  const recipe::Recipe& then = *start.branched;
  const nlohmann::ordered_json changes = changes_between(then, start.recipe);
  start.parent = parent_of(*start.from, changes);
  if (changes.empty()) return;
  expect_something_left(*start.from, start.recipe);
  start.from->snapshot.position = position_in(*start.from, pace_of(then, images), pace_of(start.recipe, images));
}

}  // namespace

recipe::Recipe resumed_recipe(const recipe::Recipe& asked, const recipe::Given& given, const Checkpoint& checkpoint,
                              bool branches) {
  recipe::Recipe recipe = recipe::recipe_from_json(checkpoint.snapshot.recipe, checkpoint.path.string());
  recipe::Recipe wanted = asked;
  recipe::read_class_weights(wanted.loss);
  const Options from = option_table(wanted), to = option_table(recipe);
  for (const Option& option : from) {
    const bool is_given = given.contains(option.key);
    const bool per_command = option.key == "out" || option.key == "resume" || option.key == "workers";
    if (!is_given && !per_command) continue;
    const nlohmann::json value = option_value(option);
    const nlohmann::json before = option_value(*find_option(to, option.key));
    if (value == before) continue;
    if (!recipe::is_run_key(option.key)) {
      expect_may_change(option, given.at(option.key), before, value, checkpoint, branches);
    }
    set_option(*find_option(to, option.key), value, flag_name(option.key));
  }
  return recipe;
}

Start prepare(const recipe::Recipe& asked, const recipe::Given& given, recipe::Network network, AmongRanks place) {
  recipe::Recipe recipe = asked;
  if (recipe.out.empty()) fail_usage("training needs a run folder: give --out RUN");
  if (recipe.resume.empty()) {  // before anything is made
    start_pretrained(recipe, given);
    check_recipe(recipe, given, network);
  }
  engine::parse_device(recipe.device, "--device");
  const run::Folder folder{recipe.out};
  Start start{.lock = place.leads ? std::make_unique<run::Lock>(folder.root) : nullptr,
              .recipe = recipe,
              .checkpoints = run::CheckpointFolder(folder.checkpoints()),
              .from = {},
              .notes = {},
              .branched = {},
              .parent = nullptr,
              .network = network,
              .given = given};
  start.from = find_checkpoint(recipe.resume, folder, start.checkpoints, start.notes);
  recipe::read_class_weights(start.recipe.loss);
  if (start.from) {
    const bool branches = !start.checkpoints.last();
    start.recipe = resumed_recipe(recipe, given, *start.from, branches);
    if (start.from->snapshot.ranks != place.ranks) start.recipe.threads = recipe.threads;
    start.parent = start.from->snapshot.parent;
    if (branches) {
      start.branched = recipe::recipe_from_json(start.from->snapshot.recipe, start.from->path.string());
    }
  }
  if (!start.from && !recipe.resume.empty()) start_pretrained(start.recipe, given);
  check_recipe(start.recipe, given, network);
  if (network == recipe::Network::own && !recipe.init.empty()) {
    fail_usage("--init: the weights of a network of one's own are its program's to load");
  }
  if (place.leads) run::open_folder(folder);
  return start;
}

void settle(Start& start, const data::Source& training, const data::Source& validation) {
  check_names(training.classes());
  if (start.from) check_same_data(*start.from, start.recipe, training, validation);
  choose_task(start.recipe, training);
  check_recipe(start.recipe, start.given, start.network);  // now that the task is known
  resolve(start.recipe, training, start.network);
  if (start.branched) choose_task(*start.branched, training);
  if (start.branched) branch(start, training.size());
  if (start.from) check_position(*start.from, start.recipe, training);
  if (validation.size() == 0) fail("{}: no validation images ({})", start.recipe.data, validation.description());
  recipe::Recipe same = start.recipe;
  choose_task(same, validation);
  data::match_classes(validation, training.classes());
}

}  // namespace springbok::train
