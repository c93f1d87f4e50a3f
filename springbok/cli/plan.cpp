// `springbok plan`: what a training will do, before it does it.
#include "springbok/train/plan.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/json.h"
#include "springbok/cli/plot.h"
#include "springbok/cli/recipe_flags.h"

namespace springbok::cli {
namespace {

struct Asked {
  recipe::Recipe recipe;
  std::string recipe_word;
  std::int64_t probe = 0;
  bool json = false;
};

constexpr int kRgb = 3;

Options own_options(Asked& asked) {
  return {{.key = "recipe",
           .help = "recipe that 'springbok recipes list' names, or a TOML file with any of the keys below",
           .field = &asked.recipe_word},
          {.key = "probe",
           .help = "run so many batches of random images, and tell the time that the run will take; 0: none",
           .field = &asked.probe,
           .min = 0,
           .max = 1000},
          {.key = "json", .help = "print JSON", .field = &asked.json}};
}

/// A training's checks, but for the data and the run folder, which a plan does without.
void check(recipe::Recipe checked, const recipe::Given& given) {
  if (checked.data.empty()) checked.data = std::string(".");
  if (checked.out.empty()) checked.out = std::string(".");
  check_recipe(checked, given);
}

train::Plan make(const Asked& asked, const ReadRecipe& read) {
  const recipe::Recipe& r = asked.recipe;
  check(r, read.given);
  const auto plan = [&](const data::Source& training, std::int64_t val_images) {
    recipe::Recipe known = r;
    choose_task(known, training);
    check(known, read.given);
    return train::make_plan(r, training, val_images, asked.probe);
  };
  if (!r.data.empty()) {
    const auto open = [&](const data::Split& split) {
      return data::limited(data::open_source(r.data, split, {.val_share = r.val_share}), r.limit);
    };
    return plan(*open(data::Split::train), open(data::Split::val)->size());
  }
  recipe::About about = read.layers.about;
  if (about.images == 0) {
    fail_usage(
        "plan: give --data SOURCE, or a recipe that says how many images there are ([about] images = ..., classes = "
        "...)");
  }
  if (about.classes == 0) about.classes = std::max<std::int64_t>(1, r.num_classes);
  if (r.limit > 0) about.images = std::min(about.images, r.limit);
  const int channels = r.preprocess.mean.size() == 1 ? 1 : kRgb;
  const bool pixels = r.task == recipe::TaskChoice::automatic && zoo::find_model(r.model).task == zoo::Task::segment;
  const recipe::TaskChoice task = pixels ? recipe::TaskChoice::segment : r.task;
  return plan(*train::promised_source(about, channels, task), about.val_images);
}

std::string bytes(std::int64_t count) {
  return human_bytes(static_cast<std::uint64_t>(count));
}

std::string batches_text(const recipe::Pace& pace) {
  const std::string images = with_commas(pace.images_per_step);
  return pace.accumulate == 1 ? format("{} images", images)
                              : format("{} images: {} batches of {}", images, pace.accumulate, pace.batch);
}

/// An epoch's last step, where it is shorter, and what is left out.
std::string epoch_text(const train::Plan& plan) {
  const recipe::Pace& pace = plan.pace;
  std::string text = format("{} steps", with_commas(pace.steps_per_epoch));
  const std::int64_t last = pace.images_in_step(pace.steps_per_epoch - 1);
  if (last < pace.images_per_step) text += format(", the last of {} images", with_commas(last));
  const std::int64_t left_out = plan.images - pace.images_per_epoch;
  if (left_out > 0) {
    text += format("; {} images left out ({}), others in each epoch", with_commas(left_out),
                   plan.recipe.drop_last_step ? "drop_last_step" : "drop_last");
  }
  return text;
}

std::string rate_text(const train::Plan& plan, Ink ink) {
  const recipe::Schedule& schedule = plan.schedule;
  const recipe::Curve& curve = plan.rate;
  const std::int64_t last = schedule.total_steps - 1;
  const std::size_t kind = static_cast<std::size_t>(schedule.kind);
  std::string text = format("rate          {}: {:.4g} at first", recipe::schedule_kinds()[kind], curve(0));
  if (schedule.warmup_steps > 0) {
    text +=
        format(", {:.4g} after {} steps of warm-up", curve(schedule.warmup_steps), with_commas(schedule.warmup_steps));
  }
  text += format(", {:.4g} in the last step\n", curve(last)) + plot(curve, last, ink);
  return text + format("{:>12}{:<32}{:>32}\n", "", "epoch 0", format("epoch {}", plan.recipe.epochs));
}

std::string memory_text(const train::Plan& plan) {
  const train::MemoryPlan& m = plan.memory;
  std::string text = format("memory        {} at the peak: {} for the step, {} parameters, {} of the optimizer",
                            bytes(m.total()), bytes(m.step), bytes(m.parameters), bytes(m.optimizer));
  if (m.averages > 0) text += format(", {} of the average", bytes(m.averages));
  text += format(", {} of a checkpoint's copy, {} of batches, {} program", bytes(m.copy), bytes(m.batches),
                 bytes(m.program));
  return text + "\n";
}

std::string time_text(const train::Plan& plan) {
  if (!plan.probe) return "time          give --probe 3 to measure a few batches\n";
  const double rate = static_cast<double>(plan.pace.batch) / plan.probe->seconds;
  const double epoch = static_cast<double>(plan.pace.images_per_epoch) / rate;
  return format("time          {} for training alone: {:.1f} images/s on {} threads ({} batches), {} an epoch\n",
                human_seconds(epoch * static_cast<double>(plan.recipe.epochs)), rate, plan.recipe.threads,
                plan.probe->batches, human_seconds(epoch));
}

/// Keys with an effect that nobody set, as they are.
std::vector<std::string> defaults(const train::Plan& plan, const recipe::Given& given) {
  recipe::Recipe copy = plan.recipe;
  std::vector<std::string> list;
  for (const Option& option : option_table(copy)) {
    if (given.contains(option.key) || recipe::is_run_key(option.key) || is_useless(plan.recipe, option.key)) continue;
    list.push_back(format("{} = {}", option.key, json_text(option_value(option))));
  }
  return list;
}

std::string wrapped(const std::vector<std::string>& parts) {
  constexpr std::size_t kWidth = 118;
  std::string text, line = "defaults     ";
  for (const std::string& part : parts) {
    if (line.size() + part.size() + 2 > kWidth) {
      text += line + "\n";
      line = std::string(13, ' ');
    }
    line += " " + part + ",";
  }
  line.pop_back();
  return text + line + "\n";
}

std::string plan_text(const train::Plan& plan, const ReadRecipe& read, Ink ink) {
  const recipe::Recipe& r = plan.recipe;
  const std::int64_t steps = plan.schedule.total_steps;
  std::string text;
  if (!read.layers.names.empty()) text = format("recipe        {}\n", join(read.layers.names, ", which builds on "));
  const std::int64_t side = recipe::full_training_size(r);
  text += format("network       {}, {} x {} x {}, {} outputs: {} parameters\n", r.model, r.preprocess.channels, side,
                 side, with_commas(r.options.classes), with_commas(plan.decayed + plan.undecayed));
  if (side != r.preprocess.size) {
    text += format("evaluation    on images of {} x {}\n", r.preprocess.size, r.preprocess.size);
  }
  text += format("weight decay  {} of them decay by {}, {} do not\n", with_commas(plan.decayed),
                 r.optimizer.weight_decay, with_commas(plan.undecayed));
  text += format("images        {} to train on, {} to validate with\n", with_commas(plan.images),
                 with_commas(plan.val_images));
  text += format("a step        {}\n", batches_text(plan.pace));
  text += format("an epoch      {}\n", epoch_text(plan));
  text += format("the run       {} epochs, {} steps, {} images\n", with_commas(r.epochs), with_commas(steps),
                 with_commas(r.epochs * plan.pace.images_per_epoch));
  text += rate_text(plan, ink) + memory_text(plan);
  const train::DiskPlan& disk = plan.disk;
  const std::string stay = disk.stay == 0 ? "" : format("{} for good, ", disk.stay);
  text += format("disk          {}: {} checkpoints of {} ({} last, the best, {}one being written), weights {}\n",
                 bytes(disk.total()), disk.checkpoints, bytes(disk.checkpoint), r.keep, stay, bytes(disk.weights));
  text += time_text(plan) + wrapped(defaults(plan, read.given));
  if (!read.layers.about.note.empty()) text += "note          " + read.layers.about.note + "\n";
  return text;
}

nlohmann::ordered_json plan_json(const train::Plan& plan, const ReadRecipe& read) {
  const recipe::Curve& curve = plan.rate;
  const std::int64_t total = plan.schedule.total_steps;
  auto rates = nlohmann::ordered_json::array();
  for (std::int64_t epoch = 0; epoch < std::min<std::int64_t>(plan.recipe.epochs, 10'000); ++epoch) {
    rates.push_back(curve(epoch * plan.pace.steps_per_epoch));
  }
  const train::MemoryPlan& m = plan.memory;
  nlohmann::ordered_json json{
      {"recipe", read.layers.names},
      {"images", plan.images},
      {"val_images", plan.val_images},
      {"images_per_step", plan.pace.images_per_step},
      {"steps_per_epoch", plan.pace.steps_per_epoch},
      {"steps", total},
      {"lr_at_epochs", std::move(rates)},
      {"lr_last", curve(total - 1)},
      {"parameters", {{"decayed", plan.decayed}, {"undecayed", plan.undecayed}, {"not_trained", plan.frozen}}},
      {"memory",
       {{"total", m.total()},
        {"step", m.step},
        {"parameters", m.parameters},
        {"optimizer", m.optimizer},
        {"averages", m.averages},
        {"copy", m.copy},
        {"batches", m.batches},
        {"program", m.program}}},
      {"disk", {{"total", plan.disk.total()}, {"checkpoint", plan.disk.checkpoint}, {"weights", plan.disk.weights}}},
      {"keys", to_json(plan.recipe)}};
  if (plan.probe) json["probe"] = {{"batches", plan.probe->batches}, {"seconds", plan.probe->seconds}};
  return json;
}

int run(Asked& asked, const Flags& flags) {
  const ReadRecipe known = read_recipe_flags(flags, own_options(asked), asked.recipe_word, asked.recipe);
  const train::Plan plan = make(asked, known);
  if (asked.json) {
    std::printf("%s\n", json_text(plan_json(plan, known), 1).c_str());
    return 0;
  }
  std::printf("%s", plan_text(plan, known, terminal_ink()).c_str());
  return 0;
}

}  // namespace

Command plan_command() {
  const auto asked = std::make_shared<Asked>();
  return recipe_command("plan", "Say what a training will do, before it does it; needs no images", own_options(*asked),
                        asked->recipe, [asked](const Flags& flags) { return run(*asked, flags); });
}

}  // namespace springbok::cli
