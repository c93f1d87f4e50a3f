// `springbok train`: a recipe and flags, run.
#include <cstdio>
#include <memory>

#include "springbok/base/error.h"
#include "springbok/cli/command.h"
#include "springbok/cli/outputs.h"
#include "springbok/cli/signals.h"
#include "springbok/recipe/layers.h"
#include "springbok/recipe/recipe.h"
#include "springbok/train/loop.h"

namespace springbok::cli {
namespace {

constexpr int kSignalled = 128;  ///< and the signal's number: the exit code of a run that a signal stopped

struct Asked {
  recipe::Recipe recipe;
  std::string recipe_file;
  bool quiet = false;
};

/// What is not part of a recipe.
Options own_options(Asked& asked) {
  return {
      {.key = "recipe",
       .help =
           "recipe that 'springbok recipes list' names, or a TOML file with any of the keys below; flags win over it",
       .field = &asked.recipe_file},
      {.key = "quiet", .help = "no progress", .field = &asked.quiet}};
}

int run(Asked& asked, const Flags& flags) {
  const Options own = own_options(asked), options = recipe::option_table(asked.recipe);
  Flags own_flags, recipe_flags;
  for (const auto& flag : flags) (find_option(own, flag.first) ? own_flags : recipe_flags).push_back(flag);
  apply_flags(own_flags, own);
  recipe::Given given;
  recipe::Layers layers;
  if (!asked.recipe_file.empty()) layers = recipe::read_recipe(asked.recipe_file, options, given);
  recipe::read_flags(recipe_flags, options, given);
  const std::string note = recipe::dropped_note(recipe::settle(asked.recipe, layers, given), layers);
  if (!note.empty()) std::fprintf(stderr, "note: %s\n", note.c_str());
  const recipe::Recipe& recipe = asked.recipe;
  check_output_folder({"--out", recipe.out}, {{"--data", recipe.data}});
  std::vector<NamedPath> files;
  for (const char* name : {"run.json", "log.jsonl", "predictions.json", "weights.safetensors"}) {
    if (!recipe.out.empty()) files.push_back({"--out", recipe.out + "/" + name});
  }
  check_outputs(files, {{"--recipe", asked.recipe_file}, {"--init", recipe.init}});
  StopSignal signal;
  const auto stop = [&] { return signal.received() == 0 ? std::string() : signal_name(signal.received()); };
  const train::Outcome outcome = train::train(
      asked.recipe, given, {.quiet = asked.quiet, .stop = stop, .save = [&] { return signal.takes_save(); }});
  if (outcome.ending == train::Ending::finished) {
    for (const metrics::Metric& metric : outcome.best.metrics) {
      if (metric.key != "loss") std::printf("%s=%.2f ", metric.key.c_str(), metric.value);
    }
    std::printf("best_epoch=%lld train_seconds=%.1f\n", static_cast<long long>(outcome.best.epoch),
                outcome.train_seconds);
  }
  return outcome.ending == train::Ending::finished ? 0 : kSignalled + signal.received();
}

}  // namespace

Command train_command() {
  const auto asked = std::make_shared<Asked>();
  Command command{.name = "train",
                  .help = "Train a model; every flag below --quiet is also a recipe key, and the reverse"};
  command.options = own_options(*asked);
  const Options recipe = recipe::option_table(asked->recipe);
  command.options.insert(command.options.end(), recipe.begin(), recipe.end());
  command.run = [asked](const Flags& flags, const std::vector<std::string>& words) {
    if (!words.empty()) fail_usage("train: does not take '{}'", words.front());
    return run(*asked, flags);
  };
  return command;
}

}  // namespace springbok::cli
