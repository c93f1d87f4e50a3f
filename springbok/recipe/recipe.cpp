// A recipe filled in from model and data, as JSON, and as settings of the parts of a run.
#include "springbok/recipe/recipe.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/base/threads.h"
#include "springbok/recipe/task.h"

namespace springbok::recipe {
namespace {

void check_per_channel(const std::vector<double>& values, std::int64_t channels, const std::string& key) {
  if (static_cast<std::int64_t>(values.size()) == channels) return;
  fail_usage("{}: {} values for {} channels; give one per channel", flag_name(key), values.size(), channels);
}

void resolve_images(Recipe& recipe, const data::Source& source, Network network) {
  data::Preprocess& p = recipe.preprocess;
  if (p.size == 0 && network == Network::own) {
    fail_usage("--size: a network of one's own needs the size of its images");
  }
  if (p.size == 0) p.size = static_cast<int>(zoo::find_model(recipe.model).input);
  if (const std::int64_t full = full_training_size(recipe); recipe.progressive.size > full) {
    fail_usage("--progressive-size: {} is above the full size of {}", recipe.progressive.size, full);
  }
  if (p.channels == 0) p.channels = source.channels();
  if (p.mean.empty()) p.mean = default_mean(p.channels);
  if (p.std.empty()) p.std = default_std(p.channels);
  check_per_channel(p.mean, p.channels, "mean");
  check_per_channel(p.std, p.channels, "std");
  recipe.options.classes = std::ssize(output_names(recipe, source.classes()));
  recipe.options.channels = p.channels;
}

void check_batch(const Recipe& recipe, const data::Source& source) {
  if (source.size() == 0) fail("{}: no training images ({})", recipe.data, source.description());
  if (recipe.batch_size > source.size() / batches_a_step(recipe)) {
    fail_usage(
        "--batch-size: one step takes {} x {} images (batch_size x accumulate), but there are only {}; make it smaller",
        recipe.batch_size, batches_a_step(recipe), source.size());
  }
}

}  // namespace

std::vector<double> default_mean(std::int64_t channels) {
  if (channels == 1) return {0.449};
  return {0.485, 0.456, 0.406};
}

std::vector<double> default_std(std::int64_t channels) {
  if (channels == 1) return {0.226};
  return {0.229, 0.224, 0.225};
}

std::vector<std::string> output_names(const Recipe& recipe, const std::vector<std::string>& classes) {
  if (recipe.num_classes > 0 && recipe.num_classes < std::ssize(classes)) {
    fail_usage("--num-classes: {} outputs cannot tell the {} classes of the data; give more, or leave it out",
               recipe.num_classes, classes.size());
  }
  std::vector<std::string> names = classes;
  while (std::ssize(names) < recipe.num_classes) {
    std::string name = format("class {}", names.size());
    while (std::find(classes.begin(), classes.end(), name) != classes.end()) name += '_';
    names.push_back(std::move(name));
  }
  return names;
}

void resolve(Recipe& recipe, const data::Source& source, Network network) {
  check_ranges(recipe);
  choose_task(recipe, source);
  resolve_task(recipe);
  check_batch(recipe, source);
  resolve_images(recipe, source, network);
  if (recipe.shuffle_buffer == 0) recipe.shuffle_buffer = source.shuffle_buffer();
  const ThreadSplit split =
      split_threads(usable_cores(), static_cast<int>(recipe.threads), static_cast<int>(recipe.workers));
  if (recipe.threads == 0) recipe.threads = split.compute;
  if (recipe.workers < 0) recipe.workers = split.loaders;
}

nlohmann::ordered_json to_json(const Recipe& recipe) {
  Recipe copy = recipe;
  return option_values(option_table(copy));
}

Recipe recipe_from_json(const nlohmann::ordered_json& json, const std::string& where) {
  Recipe recipe;
  const Options options = option_table(recipe);
  if (!json.is_object()) fail("{}: its recipe is not an object", where);
  for (const auto& [key, value] : json.items()) {
    const Option* option = find_option(options, key);
    if (option == nullptr) fail_unknown_key(options, key, where);
    set_option(*option, nlohmann::json(value), format("{}: {}", where, key));
  }
  return recipe;
}

std::string digest(const Recipe& recipe) {
  const nlohmann::ordered_json usual = to_json(Recipe{});
  nlohmann::ordered_json kept = nlohmann::ordered_json::object();
  const nlohmann::ordered_json all = to_json(recipe);  // items() keeps no copy
  for (const auto& [key, value] : all.items()) {
    const bool before_tasks = key == "task" && value == "classify";  // what there was before that key
    if (!is_run_key(key) && !before_tasks && value != usual[key]) kept[key] = value;
  }
  const std::string text = json_text(kept);
  return "2:" + sha256(std::as_bytes(std::span(text))).substr(0, 16);
}

std::int64_t full_training_size(const Recipe& recipe) {
  return recipe.train_size > 0 ? recipe.train_size : recipe.preprocess.size;
}

std::int64_t batches_a_step(const Recipe& recipe) {
  if (recipe.global_batch == 0) return recipe.accumulate;
  if (recipe.global_batch % recipe.batch_size != 0) {
    fail_usage("--global-batch: {} images are no whole number of batches of {}; change one of them",
               recipe.global_batch, recipe.batch_size);
  }
  return recipe.global_batch / recipe.batch_size;
}

double scaled_lr(const Recipe& recipe) {
  if (recipe.lr_per == 0) return recipe.rate.lr;
  const auto batch = static_cast<double>(recipe.batch_size * batches_a_step(recipe)),
             per = static_cast<double>(recipe.lr_per);
  if (recipe.lr_scaling == LrScaling::sqrt) return recipe.rate.lr * std::sqrt(batch / per);
  if (recipe.lr_scaling == LrScaling::whole) return recipe.rate.lr * std::floor(batch / per);
  return recipe.rate.lr * batch / per;
}

Schedule schedule_of(const Recipe& recipe, std::int64_t steps_per_epoch) {
  constexpr std::int64_t kMostSteps = 1'000'000'000;
  check_ranges(recipe);
  if (steps_per_epoch < 1 || steps_per_epoch > kMostSteps) {
    fail("an epoch has between 1 and {} steps, got {}", kMostSteps, steps_per_epoch);
  }
  Schedule schedule = recipe.rate;
  schedule.lr = scaled_lr(recipe);
  schedule.warmup_steps = std::llround(recipe.warmup_epochs * static_cast<double>(steps_per_epoch));
  schedule.total_steps = recipe.epochs * steps_per_epoch;
  schedule.steps_per_epoch = steps_per_epoch;
  return schedule;
}

}  // namespace springbok::recipe
